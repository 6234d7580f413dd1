"""A form page as the manual of Wagtail makes it."""

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField


class FormField(AbstractFormField):
    """One question."""

    page = ParentalKey("FormPage", on_delete=models.CASCADE, related_name="form_fields")


class FormPage(AbstractForm):
    """The page with all questions, which keeps what is sent."""

    template = "form.html"
    landing_page_template = "sent.html"
