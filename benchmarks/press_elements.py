"""Single elements of a letter as HTML: paragraphs, headings, lists, buttons, each in the way of the letter's look."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from html import escape

from benchmarks.manuscripts import BOLD, ITALIC, LINK, RULE, Manuscript, Scrap
from benchmarks.press_looks import Look

HEADS = {"h1": 0, "h2": 1, "h3": 2}
LISTS = ("item", "num", "row")
SMALL = ("view", "nav", "date", "byline", "meta", "caption", "small", "footer", "social", "label")
FOOTERS = ("footer", "social", "nav", "view")
MERGED = ("p", "small", "footer", "nav", "social", "signature", "greet")
SPACINGS = ("margin:0 0 16px", "margin:0;padding:8px 0", "margin:1em 0")
DIVIDER, LINE_END = re.compile(r"\s+[|·•/–]\s+"), re.compile(r"(?<=[^\W\d_]{3}[.!?]) (?=\S{2})| (?=[|·] )")
GIF = "https://images.example/spacer.gif"


class Elements:
    """Sets the elements of one letter."""

    def __init__(self, manuscript: Manuscript, look: Look, rng: random.Random) -> None:
        self.manuscript, self.look, self.rng = manuscript, look, rng
        self.host = manuscript.headers.get("sender", "").rpartition("@")[2].strip("<> ") or "mail.example"
        self._spacing = rng.choice(SPACINGS)
        heads = [scrap for scrap in manuscript.scraps if scrap.story and scrap.role in HEADS]
        self.titles = set({scrap.story: scrap for scrap in reversed(heads)}.values())

    def token(self) -> str:
        """Return what a mailing platform writes into an address to know the reader."""
        return f"{self.rng.getrandbits(96):024x}"

    def sheet(self) -> str:
        """Return the rules of the <style> sheet."""
        own = ("p", *HEADS, "small", "footer", "label")
        return "body{margin:0} " + " ".join(f".{self._name(role)}{{{self._css(role)}}}" for role in own)

    def elements(self, scraps: Sequence[Scrap]) -> Iterator[str]:
        """Yield the elements that scraps make: neighbours may be one list, or one paragraph of several lines."""
        runs: list[list[Scrap]] = []
        for scrap in scraps:
            if runs and self._joins(runs[-1][-1], scrap):
                runs[-1].append(scrap)
            else:
                runs.append([scrap])
        return map(self._element, runs)

    def _joins(self, above: Scrap, below: Scrap) -> bool:
        alike = above.label == below.label or above.label + below.label == "TC"
        alike = alike and above.story == below.story
        if above.role in HEADS and below.role == "p" and self.look.heading in ("strong", "span"):
            return alike and self.rng.random() < self.look.run_in
        if above.role != below.role or below.role not in (*LISTS, *MERGED):
            return False
        joined = below.role == "footer" and self.look.foot != "p"
        return below.role in LISTS or (alike and (joined or self.rng.random() < self.look.merge))

    def _element(self, run: Sequence[Scrap]) -> str:
        role = run[0].role
        picture = self._picture(run[0]) if run[0] in self.titles and self.rng.random() < self.look.pictures else ""
        if len(run) == 1 and (role in HEADS or (role == "logo" and self.look.heading == "tag")):
            return picture + self._heading(run[0])
        if role in ("item", "num"):
            return self._list(run)
        if role == "row":
            return f'<table class="data" border="{self.rng.choice("011")}" cellpadding="4">{"".join(map(self._row, run))}</table>'
        single = {"button": self._button, "image": self._image, "label": self._label, "quote": self._quote, "byline": self._byline}
        if self.look.split and role in ("nav", "social") and len(run) == 1 and len(links := DIVIDER.split(run[0].text)) > 1:
            return self._cells(links, role)
        return self.rule() if role == RULE else single[role](run[0]) if role in single else picture + self._paragraph(run)

    def _picture(self, scrap: Scrap) -> str:
        return self._image(Scrap("image", self.rng.choice(("", LINK.sub(r"\1", scrap.text)))))

    def _cells(self, texts: Sequence[str], role: str) -> str:
        cells = (f"<td{self._attributes(role)}>{self._inline(text, role)}</td>" for text in texts)
        return f'<table role="presentation" align="center"><tr>{"".join(cells)}</tr></table>'

    def _row(self, scrap: Scrap) -> str:
        attributes = self._attributes("p")
        cells = (f"<td{attributes}>{self._inline(cell, 'row')}</td>" for cell in re.split(r" ?\| ?", scrap.text))
        return f"<tr>{''.join(cells)}</tr>"

    def _heading(self, scrap: Scrap) -> str:
        role = scrap.role if scrap.role in HEADS else "h1"
        text, look, attributes = self._inline(scrap.text, role), self.look, self._attributes(role)
        if look.linked and scrap in self.titles and "<a " not in text:
            url = self._href(f"https://{self.host}/p/{self.token()[:8]}", role)
            text = f'<a href="{url}" style="color:inherit;text-decoration:none">{text}</a>'
        bold = look.heading == "strong" or (role == "h3" and self.rng.random() < 0.2)
        if look.heading == "cell":
            return f"<div{attributes}><b>{text}</b></div>"
        if look.heading == "tag" and not bold:
            return f"<{role}{attributes}>{text}</{role}>"
        return self._block(f"<strong>{text}</strong>" if bold else f"<span{attributes}><b>{text}</b></span>", "p")

    def _paragraph(self, run: Sequence[Scrap]) -> str:
        role = run[-1].role
        texts = [self._inline(scrap.text, role) for scrap in run]
        if run[0].role in HEADS:
            texts[0] = f"<strong>{texts[0]}</strong>"
        if role == "footer" and self.look.foot == "lines":
            texts = [LINE_END.sub("<br>\n", text) for text in texts]
        if role == "footer" and self.look.foot == "span":
            return self._block(" ".join(f"<span>{text}</span>" for text in texts), role)
        return self._block(self.rng.choice(("<br>", "<br>\n<br>")).join(texts), role)

    def _block(self, text: str, role: str) -> str:
        """Return a paragraph as the family writes it; `text` is HTML."""
        attributes, look = self._attributes(role), self.look
        if look.para == "mso":
            empty = "<p class=MsoNormal><o:p>&nbsp;</o:p></p>" if self.rng.random() < 0.7 else ""
            return f"<p class=MsoNormal><span{attributes}>{text}<o:p></o:p></span></p>{empty}"
        if look.para == "font":
            size = 1 if role in SMALL else 3 if look.body > 15 else 2
            colour = look.palette.pale if role in SMALL else look.palette.ink
            return f'<p><font face="{look.font.replace(chr(39), "")}" size="{size}" color="{colour}">{text}</font></p>'
        if look.para == "br":
            return f"<span{attributes}>{text}</span><br><br>" if role in SMALL else f"{text}<br><br>"
        return f"<{look.para}{attributes}>{text}</{look.para}>"

    def _list(self, run: Sequence[Scrap]) -> str:
        texts, style = [self._inline(scrap.text, scrap.role) for scrap in run], self._attributes("item")
        numbered = run[0].role == "num"
        marks = [f"{number}." if numbered else "•" for number in range(1, len(run) + 1)]
        if self.look.bullets == "table":
            rows = "".join(
                f'<tr><td valign="top"{style}>{mark}</td><td{style}>{text}</td></tr>' for mark, text in zip(marks, texts, strict=True)
            )
            return f'<table border="0" role="presentation">{rows}</table>'
        if self.look.bullets == "ul":
            tag = "ol" if numbered else "ul"
            return f"<{tag}{style}>" + "".join(f"<li{style}>{text}</li>" for text in texts) + f"</{tag}>"
        if self.look.bullets == "lines":
            return self._block("<br>\n".join(f"{mark.replace('•', '-')} {text}" for mark, text in zip(marks, texts, strict=True)), "p")
        return "".join(self._block(f"{mark}&nbsp;{text}", "p") for mark, text in zip(marks, texts, strict=True))

    def _button(self, scrap: Scrap) -> str:
        found, look = LINK.fullmatch(scrap.text), self.look
        if found is None and LINK.search(scrap.text):
            return self._paragraph([scrap])
        text, url = escape(found[1] if found else scrap.text), self._href(found[2] if found else f"https://{self.host}/go", "button")
        accent, white = look.palette.accent, "#ffffff" if look.palette.accent != "#ffcc00" else "#000000"
        drawn = f'style="display:inline-block;padding:12px 24px;color:{white};font-size:{look.body}px;text-decoration:none'
        if look.button == "class":
            return f'<p class="button-wrapper"><a class="button primary" href="{url}" {drawn};background-color:{accent}">{text}</a></p>'
        if look.button == "bare":
            return self._block(f'<a href="{url}">{text}</a>', "p")
        outlook = f'<!--[if mso]><v:roundrect href="{url}" fillcolor="{accent}"><center>{text}</center></v:roundrect><![endif]-->'
        link = f'<a href="{url}" target="_blank" {drawn}">{text}</a>'
        link = f"{outlook}<!--[if !mso]><!-->{link}<!--<![endif]-->" if look.button == "vml" else link
        cell = f'<td bgcolor="{accent}" style="border-radius:4px">{link}</td>'
        centred = ' align="center"' if look.align == "center" else ""
        return f'<table border="0" cellspacing="0"{centred}><tr>{cell}</tr></table>'

    def _image(self, scrap: Scrap) -> str:
        found, wide = LINK.fullmatch(scrap.text), self.rng.choice((200, 560, 600))
        alt, source = escape(found[1] if found else scrap.text), f"https://images.{self.host}/{self.token()}.png"
        image = f'<img src="{source}" alt="{alt}" width="{wide}" border="0">'
        return f'<a href="{self._href(found[2], "image")}">{image}</a>' if found else f"<div>{image}</div>"

    def _label(self, scrap: Scrap) -> str:
        text, colours = self._inline(scrap.text, "label"), self.look.palette
        if self.look.label == "span":
            return self._block(f'<span style="text-transform:uppercase;letter-spacing:1px;color:{colours.accent}">{text}</span>', "label")
        if self.look.label == "pill":
            return self._block(f'<span style="background:{colours.tint};padding:2px 8px;border-radius:9px">{text}</span>', "label")
        return self._block(f"<strong>{text}</strong>" if self.look.label == "strong" else text, "label")

    def _quote(self, scrap: Scrap) -> str:
        text = self._inline(scrap.text, "quote")
        if self.look.quote == "tag":
            return f"<blockquote{self._attributes('p')}><p{self._attributes('p')}>{text}</p></blockquote>"
        if self.look.quote == "bar":
            return f'<div style="border-left:3px solid {self.look.palette.accent};padding-left:16px">{self._block(text, "p")}</div>'
        return self._block(f"<em>{text}</em>", "p")

    def _byline(self, scrap: Scrap) -> str:
        text = f"<div{self._attributes('meta')}>{self._inline(scrap.text, 'byline')}</div>"
        face = f'<img src="https://images.{self.host}/{self.token()}.jpg" alt="" width="36" height="36" style="border-radius:18px">'
        cells = f'<td>{face}</td><td class="post-meta-item" style="padding-left:8px">{text}</td>'
        table = f'<table class="post-meta" role="presentation"><tr>{cells}</tr></table>'
        return table if self.look.face else self._paragraph([scrap])

    def rule(self) -> str:
        """Return a dividing line."""
        colours, rule = self.look.palette, self.look.rule
        if rule == "cell":
            cell = f'<td style="border-top:1px solid {colours.pale};padding:9px 0;font-size:0"></td>'
            return f'<table width="100%" class="divider"><tr>{cell}</tr></table>'
        if rule == "image":
            return f'<img src="{GIF}" width="560" height="2" alt="" style="display:block;background:{colours.accent}">'
        return {"hr": "<hr>", "stars": self._block("* * *", "p")}.get(
            rule, f'<div style="border-top:1px solid {colours.pale};margin:20px 0"></div>'
        )

    # -- text ------------------------------------------------------------------------------------------------------

    def _inline(self, text: str, role: str) -> str:
        text = re.sub("</?b>", "**", text)
        parts, end = [], 0
        for found in LINK.finditer(text):
            style = f' style="color:{self.look.palette.accent}"' if self.look.styling == "inline" else ""
            parts += [self._words(text[end : found.start()]), f'<a href="{self._href(found[2], role)}"{style}>{self._words(found[1])}</a>']
            end = found.end()
        parts.append(self._words(text[end:]))
        return ITALIC.sub(r"<em>\1</em>", BOLD.sub(r"<strong>\1</strong>", "".join(parts)))

    def _words(self, text: str) -> str:
        """Return text escaped, with some spaces that don't break."""
        return re.sub(" ", lambda _: "&nbsp;" if self.rng.random() < self.look.nbsp else " ", escape(text, quote=False))

    def _href(self, url: str, role: str) -> str:
        links = self.look.links
        if not url.startswith("http") or (links == "content" and role in SMALL) or links == "plain":
            return escape(url)
        if links == "utm":
            return escape(f"{url}{'&' if '?' in url else '?'}utm_source=newsletter&utm_medium=email&utm_campaign={self.token()[:6]}")
        return f"https://click.{self.host}/c/{self.token()}"

    def _name(self, role: str) -> str:
        return role if role in (*HEADS, "label", "footer") else "small" if role in SMALL else "text"

    def _attributes(self, role: str) -> str:
        if self.look.styling == "none":
            return ""
        return f' style="{self._css(role)}"' if self.look.styling == "inline" else f' class="{self._name(role)}"'

    def _css(self, role: str) -> str:
        look = self.look
        size = look.heads[HEADS[role]] if role in HEADS else look.small if role in SMALL else look.body
        colour = look.palette.pale if role in SMALL else look.palette.ink
        aligned = dict.fromkeys(HEADS, look.align) | dict.fromkeys(FOOTERS, look.foot_align) | dict.fromkeys(LISTS, "left")
        weight = ";font-weight:bold" if role in HEADS else ""
        font = f"font-family:{look.font.replace(chr(39), '')};font-size:{size}px;line-height:1.5"
        return f"{font};color:{colour};text-align:{aligned.get(role, look.text_align)};{self._spacing}{weight}"
