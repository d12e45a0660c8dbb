"""Words, stems and stop words by language: sumy's; Snowball's stemmers and stop words of our own where sumy has none."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

# ISO 639-1 to sumy's names. sumy finds most of them itself, but reads «el» as "modern greek (1453-)" and does not know «nb».
_NAMES = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "he": "hebrew",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "ja": "japanese",
    "ko": "korean",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sk": "slovak",
    "sv": "swedish",
    "th": "thai",
    "tr": "turkish",
    "uk": "ukrainian",
    "zh": "chinese",
}
# sumy's stemmers of the first two need packages of their own; it has none for the others.
_SNOWBALL = frozenset({"greek", "polish", "catalan", "indonesian", "turkish"})

_OWN_STOP_WORDS = {
    "catalan": "a això al als altra altre altres amb aquell aquella aquelles aquells aquest aquesta aquestes aquests així cada com de del dels des"
    " després el ella elles ells els em en encara ens entre era eren és esta està estan estava et fa ha han has havia hem hi ho i ja jo la les li"
    " llavors més meu molt mentre ni no nosaltres o on per però perquè pot qual quan que què qui sense ser seu seva seus si sobre són també tan"
    " tant té tenen tot tota tots un una unes uns us va van vosaltres",
    "danish": "af alle alt anden at blev blive bliver da de dem den denne der deres det dette dig din disse dog du efter eller en end er et for fra"
    " få får før ham han hans har havde have hele hende hendes her hos hun hvad hver hvilken hvis hvor hvordan hvorfor i ifølge ikke ind ingen"
    " jeg jer kan kom kommer kun kunne lige man mange med meget men mere mig min mod må ned nej nogen noget nok nu når og også om op os over på"
    " selv sig sin sine skal skulle som så sådan tid til ud under ved vi vil ville vor være været",
    "dutch": "aan al alle alleen als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een eens en er ge geen geweest haar"
    " had hadden heb hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je jij jullie kan kon kunnen maar me meer men met mij mijn moet"
    " moeten na naar niet niets nog nu of om omdat onder ons onze ook op over reeds te tegen toch toen tot u uit uw van vanuit veel voor vooral"
    " want waar waren was wat we wel werd werden wezen wie wij wil worden wordt zal ze zei zelf zich zij zijn zo zoals zonder zou zouden",
    "finnish": "ei eivät en et ette että hän häntä hänen he heidän heitä ja jo jos joka jotka joita jossa jonka josta kanssa kautta keitä koska kuin"
    " kuka kun kuten me meidän mikä mitä miten missä minä minun minua mukaan mutta mutta myös ne niiden niin niitä no noin nyt näin nämä ole oli"
    " olivat olla olleet ollut olisi on ovat se sekä sen sille sinä siellä sitä siihen siinä siis sillä tai te teidän tämä tämän tätä tässä tähän"
    " tuo vaan vain vaikka vielä voi voivat yli",
    "hungarian": "a abban ad ahhoz aki akik akkor alatt ami amely amelyek amikor amit annak arra arról az azért azok azon azonban azt aztán azzal be"
    " bele csak de e egy egyik el ebben előtt először elég ennek én erre és ez ezek ezen ezért ezt fel felé ha hanem ha hogy hogyan hol igen így"
    " illetve ilyen is itt jó ki kell kívül le lehet lesz lett maga magát már más még meg mely mert mi miért mikor milyen minden mint mit mivel"
    " most nagy nagyon ne nem néha nincs ő ők ott pedig s saját sem semmi sok szerint számára tehát több túl úgy új után vagy van vannak volna volt voltak",
    "indonesian": "ada adalah agar akan anda antara apa atau bagi bahwa banyak baru beberapa belum bila bisa bukan dalam dan dapat dari dengan di dia"
    " dua hanya harus hingga ia ini itu jadi jika juga kami kamu karena ke kepada kita lagi lain lebih maka masih melalui memang mereka meski namun"
    " oleh pada para pernah pun saat saja saya sama sampai sangat satu sebagai sebuah secara sedang sehingga sejak sekarang selalu selama semua"
    " seperti serta sudah tapi tak telah tentang terhadap tersebut tetapi tidak untuk yaitu yakni yang",
    "norwegian": "alle andre at av begge ble blei bli blir blitt da de deg dei deira dem den denne der dere deres det dette di din disse ditt du då eg"
    " ei eit eller en enn er et etter for fordi fra frå få får før ha hadde han hans har henne hennes her hjå ho hos hun hva hvem hver hvilken hvis"
    " hvor hvordan hvorfor i ikke ikkje ingen inn ja jeg kan kom korleis kun kunne kva kvar kven man mange me med meg meget mellom men mer mest mi"
    " min mitt mot mye må når ned no noe noen nok nå og også om opp oss over på samme seg selv si siden sin sine sitt skal skulle slik som så sånn"
    " til til tilbake um under upp ut uten var vart ved vere vi vil ville vore være vært vår å",
    "romanian": "a acea aceasta această acest acesta aceste acestea acești aceștia acolo acum ai aici al ale am ar are as asta astfel au avea avem"
    " avut că când care cât către ce cea cei cel cele celor chiar cine cu cum da dacă dar de decât deci deja deși despre din după ea ei el ele era"
    " este eu eram fără fi fie fiecare fiind foarte fost iar îi îl îmi în înainte însă între își la le li lor lui m mai mult multe mulți ne nici"
    " nimic noastră noi nostru nu o ori orice pe pentru peste poate prin sa să sale sau se și sub sunt tot toate toți tu un una unde unei unor unui va vor",
    "russian": "а без более больше будет будто бы был была были было быть в вам вас ведь весь во вот все всего всех всю вы где да даже два для до его"
    " ее ей ему если есть еще ещё же за здесь и из или им иногда их к как какая какой когда кто куда ли лучше между меня мне много может можно мой"
    " моя мы на над надо наконец нас не него нее ней нельзя нет ни нибудь никогда ним них ничего но ну о об один он она они опять от перед по под"
    " после потом потому почти при про раз разве с сам свою свой себе себя сейчас со совсем так также такой там тебя тем теперь то тогда того тоже"
    " только том тот три тут ты у уж уже хорошо хоть чего чем через что чтобы чуть эти этого этой этом этот эту это я",
    "turkish": "acaba ama ancak artık aslında az bana bazı belki ben beni benim bile bir biraz birçok biri birkaç biz bize bizi bizim böyle bu bunu"
    " bunun burada çok çünkü da daha de değil diğer diye dolayı eğer en fakat gibi göre hangi hatta hem henüz hep hepsi her hiç için ile ise işte"
    " kadar karşı kendi kez ki kim mı mi mu mü nasıl ne neden nerede niye o olan olarak oldu olduğu olduğunu olması olsa olur ona onlar onları"
    " onların onu onun orada oysa öyle pek rağmen sadece sanki sen siz size şey şimdi şöyle şu tarafından tüm üzere var ve veya ya yani yer yine yok zaten",
}

# Scripts written without spaces: pairs of characters do for words there.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(r"\w+(?:['’.]\w+)*")
_SPACELESS_RUN = re.compile(rf"[{_SPACELESS}]+|[^\W{_SPACELESS}]+")
_ANY_SPACELESS = re.compile(rf"[{_SPACELESS}]")


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, numbers included; pairs of characters in scripts without spaces."""
    lower = text.lower().replace("’", "'")
    if not _ANY_SPACELESS.search(lower):
        return _WORD.findall(lower)
    return [piece for run in _SPACELESS_RUN.findall(lower) for piece in _pieces(run)]


def _pieces(run: str) -> list[str]:
    if not _ANY_SPACELESS.match(run) or len(run) == 1:
        return [run]
    return [run[at : at + 2] for at in range(len(run) - 1)]


@cache
def stemmer(language: str) -> Callable[[str], str]:
    """Return the stemmer of a language (ISO 639-1), its answers remembered; where there is none, words stay as they are."""
    import snowballstemmer
    from sumy.nlp.stemmers import Stemmer, null_stemmer

    name = _NAMES.get(language[:2].lower())
    if name in _SNOWBALL:
        return lru_cache(maxsize=50_000)(snowballstemmer.stemmer(name).stemWord)
    try:
        return lru_cache(maxsize=50_000)(Stemmer(name)) if name else null_stemmer
    except LookupError:
        return null_stemmer


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the words of a language that say nothing by themselves; none for a language we know no list for."""
    from sumy.utils import get_stop_words

    name = _NAMES.get(language[:2].lower())
    if name in _OWN_STOP_WORDS:
        return frozenset(_OWN_STOP_WORDS[name].split())
    return frozenset(get_stop_words(name)) if name else frozenset()
