"""Letters made for tests: `letter(...)` writes one as a mail program would."""

from __future__ import annotations


def letter(
    body: str = "Hello.", *, html: bool = False, headers: str = "", subject: str = "News", author: str = "The Paper <news@paper.example>"
) -> bytes:
    """Return a letter in UTF-8; `headers` are further field lines."""
    kind = "html" if html else "plain"
    lines = [f"From: {author}", "To: reader@home.example", f"Subject: {subject}", *filter(None, headers.splitlines())]
    lines += ["MIME-Version: 1.0", f"Content-Type: text/{kind}; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", body]
    return "\r\n".join(lines).encode()


def multipart(kind: str, *parts: tuple[str, str], headers: str = "", subject: str = "News") -> bytes:
    """Return a letter of several parts, each given as its header lines and its body."""
    lines = ["From: The Paper <news@paper.example>", f"Subject: {subject}", *filter(None, headers.splitlines())]
    lines += [f'Content-Type: multipart/{kind}; boundary="cut"', ""]
    for fields, body in parts:
        lines += ["--cut", *fields.splitlines(), "", body]
    return "\r\n".join([*lines, "--cut--", ""]).encode()
