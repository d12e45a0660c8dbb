"""Letters invented on the spot: each its own, each plainly a newsletter."""

from __future__ import annotations


def newsletter(number: int, *, title: str = "", text: str = "") -> bytes:
    """Return a newsletter that tells of `number`; no two share a sentence."""
    title = title or f"Bridge {number} opens"
    text = text or (
        f"The town of Number {number} has opened its new bridge over the river. It is {number + 20} metres long and took {number + 2}"
        f" years to build. Mayor {number} cut the ribbon in the rain. The old ferry of {number} stays for cyclists, at {number} crowns."
    )
    return f"""\
From: Bridge News {number} <news{number}@bridges.example>
To: reader@demo.example
Subject: {title}
Date: Sat, 21 Nov 2026 06:30:00 +0000
Message-ID: <letter-{number}@bridges.example>
List-Id: <bridges{number}.bridges.example>
List-Unsubscribe: <https://bridges.example/unsubscribe>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><body><h1>{title}</h1><p>{text}</p>
<p style="font-size:10px">Sign up for more of our free letters.
<a href="https://bridges.example/unsubscribe">Unsubscribe</a> | <a href="https://bridges.example/privacy">Privacy policy</a></p>
</body></html>
""".replace("\n", "\r\n").encode()
