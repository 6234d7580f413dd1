CREATE TABLE definitions (
    form_id TEXT NOT NULL, fingerprint TEXT NOT NULL, version TEXT NOT NULL,
    document TEXT NOT NULL, published_at TEXT NOT NULL,
    PRIMARY KEY (form_id, fingerprint)
) WITHOUT ROWID;
CREATE TABLE definition_texts (
    form_id TEXT NOT NULL, fingerprint TEXT NOT NULL, lang TEXT NOT NULL,
    text_hash TEXT NOT NULL, overlay TEXT NOT NULL, published_at TEXT NOT NULL,
    PRIMARY KEY (form_id, fingerprint, lang, text_hash)
) WITHOUT ROWID;
CREATE TABLE submissions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    form_key TEXT UNIQUE,
    reference TEXT NOT NULL UNIQUE,
    form_id TEXT NOT NULL, fingerprint TEXT NOT NULL,
    lang TEXT NOT NULL, text_hash TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('web','pdf','paper','phone','desk')),
    status TEXT NOT NULL CHECK (status IN ('unverified','new','correction_asked',
        'accepted','declined','withdrawn')),
    place TEXT NOT NULL CHECK (place IN ('none','held','waiting')),
    line INTEGER NOT NULL DEFAULT 0,
    seats INTEGER NOT NULL DEFAULT 1,
    proof TEXT NOT NULL CHECK (proof IN ('none','mail','code','phone','signature',
        'in_person')),
    name TEXT, email TEXT COLLATE NOCASE, phone TEXT, organisation TEXT, people INTEGER,
    tags TEXT NOT NULL DEFAULT '',
    answers TEXT NOT NULL,
    on_behalf_of INTEGER NOT NULL DEFAULT 0,
    received_on TEXT,
    created_at TEXT NOT NULL, verified_at TEXT, decided_at TEXT,
    purge_after TEXT NOT NULL,
    link_generation INTEGER NOT NULL DEFAULT 0,
    link_expires_at TEXT NOT NULL,
    link_tries INTEGER NOT NULL DEFAULT 0,
    address_changes INTEGER NOT NULL DEFAULT 0,
    personal_generation INTEGER NOT NULL DEFAULT 0,
    code_generation INTEGER NOT NULL DEFAULT 0,
    code_expires_at TEXT, code_tries INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (form_id, fingerprint) REFERENCES definitions (form_id, fingerprint)
);
CREATE INDEX submissions_queue ON submissions (form_id, status, number);
CREATE INDEX submissions_status ON submissions (status, number);
CREATE INDEX submissions_email ON submissions (email) WHERE email IS NOT NULL;
CREATE INDEX submissions_phone ON submissions (phone) WHERE phone IS NOT NULL;
CREATE INDEX submissions_purge ON submissions (purge_after);
CREATE INDEX submissions_line ON submissions (form_id, place, line)
    WHERE place <> 'none';
CREATE INDEX submissions_order ON submissions (form_id, line) WHERE line > 0;
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    submission TEXT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL, lang TEXT NOT NULL, text_hash TEXT NOT NULL,
    answers TEXT NOT NULL, replaced_at TEXT NOT NULL
);
CREATE INDEX revisions_submission ON revisions (submission);
CREATE TABLE staff (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE, password TEXT,
    setup_generation INTEGER NOT NULL DEFAULT 0,
    setup_expires_at TEXT,
    wants_mail INTEGER NOT NULL DEFAULT 0,
    digest_at TEXT, disabled_at TEXT, created_at TEXT NOT NULL
);
CREATE TABLE sessions (
    digest TEXT PRIMARY KEY,
    staff INTEGER NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL, seen_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    submission TEXT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    staff INTEGER REFERENCES staff (id),
    text TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE INDEX notes_submission ON notes (submission);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    submission TEXT REFERENCES submissions (id) ON DELETE CASCADE,
    staff INTEGER REFERENCES staff (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, address TEXT NOT NULL COLLATE NOCASE,
    created_at TEXT NOT NULL, due_at TEXT NOT NULL, not_before TEXT NOT NULL,
    lease_until TEXT, attempts INTEGER NOT NULL DEFAULT 0,
    sent_at TEXT, failed_at TEXT, reason TEXT
);
CREATE INDEX outbox_due ON outbox (not_before, id)
    WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX outbox_submission ON outbox (submission);
CREATE INDEX outbox_address ON outbox (address, created_at);
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL, actor TEXT NOT NULL, verb TEXT NOT NULL,
    submission TEXT, detail TEXT NOT NULL,
    previous TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE INDEX events_submission ON events (submission, id);
CREATE TRIGGER events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE (ABORT, 'events are append-only'); END;
CREATE TRIGGER events_last BEFORE DELETE ON events
    BEGIN SELECT RAISE (ABORT, 'events are append-only'); END;
CREATE TRIGGER definitions_stay BEFORE UPDATE ON definitions
    BEGIN SELECT RAISE (ABORT, 'definitions are append-only'); END;
CREATE TRIGGER definitions_last BEFORE DELETE ON definitions
    BEGIN SELECT RAISE (ABORT, 'definitions are append-only'); END;
CREATE TRIGGER definition_texts_stay BEFORE UPDATE ON definition_texts
    BEGIN SELECT RAISE (ABORT, 'definitions are append-only'); END;
CREATE TRIGGER definition_texts_last BEFORE DELETE ON definition_texts
    BEGIN SELECT RAISE (ABORT, 'definitions are append-only'); END;
