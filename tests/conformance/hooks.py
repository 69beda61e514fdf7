"""Schemathesis hooks: generates the webhook URLs that the sandbox accepts."""

import schemathesis
from hypothesis import strategies as st

# Public suffixes of every kind in the public suffix list: one label, two labels, private, another script.
SUFFIXES = ["com", "io", "co.uk", "com.br", "github.io", "xn--p1ai"]

labels = st.from_regex(r"[a-z]([a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
paths = st.from_regex(r"(/[A-Za-z0-9_~.-]{0,12}){0,3}", fullmatch=True)

schemathesis.openapi.format(
    "webhook-url",
    st.builds("https://{}.{}{}".format, labels, st.sampled_from(SUFFIXES), paths),
)
