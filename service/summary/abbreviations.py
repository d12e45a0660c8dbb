"""Abbreviations that end in a full stop, by language: data for `sentences`. Lower case, without the last full stop.

`BOUND` stand before what they belong to (a name, a number), so a sentence never ends at them; `FREE` may also end a sentence.
English and the international ones count in every language: newsletters quote English names everywhere.
"""

from __future__ import annotations

from functools import cache

_INTERNATIONAL_BOUND = "dr prof st mt mr mrs ms mx fr rev hon gen col lt maj capt sgt adm cmdr gov sen rep pres vs fig figs eq pp vol nr nos art cf e.g i.e eg ie ca approx tel n° viz pop drs est ext"
_INTERNATIONAL_FREE = "inc ltd co corp bros llc jr sr ph.d m.d b.a m.a etc al ed eds et.al"

_BOUND = {
    "en": "messrs mme mlle sec ft supt insp det cpl pvt cpt atty asst assoc dept univ bp msgr jas wm geo chas thos dist",
    "de": "z.b z. d.h u.a u. o.ä bzw ggf vgl sog evtl inkl exkl hr fr frl nr str bd abs s zzt mio mrd ing dipl mag geb verh gest lat engl sen jun",
    "nl": "bijv dhr mw mevr drs ir mr ing jhr t.o.v d.w.z o.a i.v.m m.b.t a.u.b n.a.v z.g zgn blz resp incl excl ds jl",
    "fr": "m mm mme mlle mgr p.ex p. env av bd chap n no",
    "es": "sr sra srta dr dra d dª pág págs núm n.º ee uu p.ej ej av avda admón ud uds",
    "it": "sig sig.ra dott dott.ssa avv ing on prof.ssa p.es es pag pagg n ca",
    "pt": "sr sra dr dra d eng av pág págs p.ex ex n núm exmo",
    "sv": "t.ex bl.a s.k d.v.s dvs fr.o.m t.o.m m.fl kap s nr ca st resp",
    "da": "f.eks bl.a d.v.s dvs ca nr hr fr kl kgl s t.o.m mio mia",
    "no": "f.eks bl.a d.v.s dvs ca nr hr kl s t.o.m mill mrd",
    "fi": "esim mm ns n s nro v huom ao puh prof toim",
    "pl": "np tzn tj m.in ul al św dr prof mgr inż hab im nr s str tel godz r ok ks",
    "cs": "např tj tzv mj popř resp č str sv p pí ing mgr mudr judr phdr doc prof r",
    "sk": "napr tj tzv resp č str sv p ing mgr mudr judr phdr doc prof r",
    "hu": "pl ún ill dr prof u sz kb stb özv ifj id",
    "ro": "dl d-na dr ing nr str bd pag ex prof sf",
    "ru": "т.е т.к т.н напр г гг ул д им п рис стр см тыс млн млрд руб проф акад св о",
    "uk": "т.зв напр ім вул просп бул пл див рис стор тис млн млрд грн проф акад св о р м с",
    "el": "π.χ κ κα κ.κ δηλ βλ σελ αρ τηλ κεφ δρ",
    "tr": "dr prof doç av sn bkz örn s no cad sok mah alb",
}
_FREE = {
    "en": "a.m p.m am pm u.s u.k u.n e.u d.c u.s.a ave blvd rd sq hwy jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur fri sat sun esq dept mfg lbs oz hrs mins no calif mass conn pa fla ill mich minn tex wash va wis ore ariz",
    "de": "usw etc u.s.w gmbh jan feb mär apr jun jul aug sep sept okt nov dez mo di mi do fr sa so jh jhdt uvm v.chr n.chr tel",
    "nl": "enz e.d e.a c.s a.s jan feb mrt apr jun jul aug sep okt nov dec v.chr n.chr b.v n.v",
    "fr": "etc cie janv févr avr juil sept oct nov déc j.-c s.a",
    "es": "etc cía s.a ee.uu ene feb mar abr may jun jul ago sept oct nov dic d.c a.c c.v",
    "it": "ecc eccetera s.p.a s.r.l gen feb mar apr mag giu lug ago set ott nov dic a.c d.c",
    "pt": "etc cia ltda s.a jan fev mar abr mai jun jul ago set out nov dez a.c d.c",
    "sv": "osv etc mm m.m o.s.v kl f.kr e.kr jan feb apr jun jul aug sept okt nov dec",
    "da": "osv m.v mv m.fl o.s.v a/s jan feb mar apr jun jul aug sep okt nov dec",
    "no": "osv m.m mv m.fl o.s.v jan feb mar apr jun jul aug sep okt nov des",
    "fi": "jne yms ym eaa jaa klo",
    "pl": "itd itp m.st w. p.n.e n.e zł gr tys mln mld",
    "cs": "atd apod n.l př.n.l tis mil mld kč s.r.o a.s",
    "sk": "atď apod a pod tis mil mld s.r.o a.s",
    "hu": "stb kft zrt nyrt i.sz i.e",
    "ro": "etc s.a ş.a",
    "ru": "т.д т.п др пр н.э",
    "uk": "т.д т.п ін н.е",
    "el": "κ.λπ κ.ά κ.α α.ε ο.ε μ.μ π.μ μ.χ π.χ",
    "tr": "vb vs a.ş ltd şti m.ö m.s",
}


@cache
def bound(language: str) -> frozenset[str]:
    """Return the abbreviations of a language that never end a sentence."""
    return frozenset(_INTERNATIONAL_BOUND.split()) | frozenset(_BOUND["en"].split()) | frozenset(_BOUND.get(language, "").split())


@cache
def free(language: str) -> frozenset[str]:
    """Return the abbreviations of a language that may end a sentence too."""
    return frozenset(_INTERNATIONAL_FREE.split()) | frozenset(_FREE["en"].split()) | frozenset(_FREE.get(language, "").split())
