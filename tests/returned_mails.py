"""Mails that come back, written after those of real servers; `{back}` is where to."""

DAEMON = "From: MAILER-DAEMON@{host} (Mail Delivery System)\nTo: {{back}}\n"
RETURN = "Return-Path: <>\nDate: Sat, 20 Jun 2020 10:00:00 +0200\n"
REPORT = """{return_}{daemon}Subject: {subject}
MIME-Version: 1.0
{auto}Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

{words}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; {host}

Final-Recipient: rfc822; anh@example.org
Action: {action}
Status: {status}
{diagnostic}
--b
Content-Type: text/rfc822-headers

From: moduli@example.org
To: anh@example.org
Subject: Confirm 550 9.9.9
--b--
"""


def report(host, subject, words, status, diagnostic="", action="failed", auto=""):
    return REPORT.format(
        return_=RETURN, daemon=DAEMON.format(host=host), subject=subject, words=words,
        host=host, status=status, action=action, auto=auto,
        diagnostic=diagnostic and f"Diagnostic-Code: smtp; {diagnostic}\n",
    )  # fmt: skip


POSTFIX = report(
    "mx.example.org",
    "Undelivered Mail Returned to Sender",
    "I'm sorry to have to inform you that your message could not be delivered.",
    "5.1.1",
    "550 5.1.1 <anh@example.org>: Recipient address rejected: User unknown",
    auto="Auto-Submitted: auto-replied\n",
)
POSTFIX_FULL = report(
    "mx.example.org", "Undelivered Mail Returned to Sender", "over quota", "5.2.2",
    "552 5.2.2 <anh@example.org>: user is over quota",
)  # fmt: skip
POSTFIX_TOO_LATE = report(
    "mx.example.org", "Undelivered Mail Returned to Sender", "timed out", "4.4.1",
    "connect to mail.example.org[192.0.2.1]:25: Connection timed out",
)  # fmt: skip
POSTFIX_DELAYED = report(
    "mx.example.org", "Delayed Mail (still being retried)", "not 550 yet", "4.4.1",
    "connect to mail.example.org", action="delayed",
)  # fmt: skip
DELIVERED = report("mx.example.org", "Success", "done", "2.0.0", action="delivered")
EXCHANGE = report(
    "eur05.prod.outlook.com",
    "Undeliverable: Conferma il tuo indirizzo email",
    "Your message to anh@example.org couldn't be delivered.",
    "5.1.10",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP lookup",
    auto="Auto-Submitted: auto-replied\nX-MS-Exchange-Message-Is-Ndr:\n",
).replace("MAILER-DAEMON", "postmaster")
GMAIL = report(
    "googlemail.com",
    "Delivery Status Notification (Failure)",
    "** Address not found **\n\nYour message wasn't delivered to anh@example.org",
    "5.2.1",
    "550-5.2.1 The email account that you tried to reach is inactive.",
    auto="Auto-Submitted: auto-replied\n",
)
LIBERO = report(
    "smtp-out.libero.it", "Mail delivery failed: returning message to sender",
    "la casella non esiste", "5.7.1", "554 5.7.1 mail refused by policy",
)  # fmt: skip
NO_STATUS = report("mx.example.org", "Failure", "x", "", "550 no such user here")
EXIM = f"""{RETURN}{DAEMON.format(host="aruba.example")}X-Failed-Recipients: a@b.it
Auto-Submitted: auto-replied
Subject: Mail delivery failed: returning message to sender

A message that you sent could not be delivered to one or more of its recipients.

  anh@example.org
    host mx.aruba.example [192.0.2.9]
    SMTP error from remote mail server after RCPT TO:<anh@example.org>:
    550 5.1.1 mailbox unavailable
"""
EXIM_WARNING = f"""{RETURN}{DAEMON.format(host="aruba.it")}X-Failed-Recipients: a@b
Subject: Warning: message 1abcde-0001 delayed 24 hours

It has not been delivered yet; the attempt will go on.
"""
QMAIL = f"""{RETURN}{DAEMON.format(host="tiscali.example")}Subject: failure notice

Hi. This is the qmail-send program at tiscali.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<anh@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)
"""
REFUSALS = {
    "postfix": (POSTFIX, "550 5.1.1"),
    "full": (POSTFIX_FULL, "552 5.2.2"),
    "too late": (POSTFIX_TOO_LATE, "550 4.4.1"),
    "exchange": (EXCHANGE, "550 5.1.10"),
    "gmail": (GMAIL, "550 5.2.1"),
    "libero": (LIBERO, "554 5.7.1"),
    "no status": (NO_STATUS, "550"),
    "exim": (EXIM, "550 5.1.1"),
    "qmail": (QMAIL, "550 5.1.1"),
}

PERSON = """Return-Path: <anh@example.org>
From: =?utf-8?q?Nguy=E1=BB=85n?= <anh@example.org>
To: {back}
In-Reply-To: <{key}@example.org>
Subject: =?utf-8?q?Re=3A_Conferma?=
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Non riesco ad aprire il link, l’errore è 550 5.1.1. Grazie!
"""
HTML = """From: anh@example.org
To: {back}
Subject: Re
Content-Type: text/html; charset=nonsense

<style>p {{}}</style><p>Grazie <b>mille</b> &amp; ciao</p><script>alert(1)</script>
"""


def machine(*headers, sender="anh@example.org", path="anh@example.org"):
    lines = "\n".join([f"Return-Path: <{path}>", f"From: {sender}", *headers])
    return f"{lines}\nTo: {{back}}\nIn-Reply-To: <{{key}}@example.org>\n\nI am away."


MACHINES = {
    "RFC 3834": machine("Auto-Submitted: auto-replied (vacation)", "Subject: Re: x"),
    "outlook": machine("X-Auto-Response-Suppress: All", "Subject: Risposta automatica"),
    "by subject": machine("Subject: Out of Office: Conferma"),
    "precedence": machine("Precedence: bulk", "Subject: x"),
    "a list": machine("List-Id: <people.example.org>", "Subject: x"),
    "nobody": machine("Subject: Sono in ferie", path=""),
    "a daemon": machine("Subject: x", sender="Postmaster <postmaster@example.org>"),
    "delayed": POSTFIX_DELAYED,
    "delivered": DELIVERED,
    "exim warns": EXIM_WARNING,
    "read receipt": """From: anh@example.org
To: {back}
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

--b
Content-Type: text/plain

Read.
--b
Content-Type: message/disposition-notification

Disposition: manual-action/MDN-sent-manually; displayed
--b--
""",
}
