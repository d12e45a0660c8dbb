"""The language of a text."""

from __future__ import annotations

import pytest

from service.newsletter.language import detect

# The same two sentences: "The bridge was opened on Monday ..."
TEXTS = {
    "en": "The bridge was opened on Monday and it is the first one that leads over the river. We do not know what comes after this.",
    "de": "Die Brücke wurde am Montag eröffnet und sie ist die erste, die über den Fluss führt. Wir wissen nicht, was danach kommt.",
    "fr": "Le pont a été ouvert lundi et c'est le premier qui mène de l'autre côté du fleuve. Nous ne savons pas ce qui vient après.",
    "es": "El puente se abrió el lunes y es el primero que lleva al otro lado del río. No sabemos qué viene después de esto.",
    "it": "Il ponte è stato aperto lunedì ed è il primo che porta dall'altra parte del fiume. Non sappiamo che cosa viene dopo.",
    "pt": "A ponte foi aberta na segunda-feira e é a primeira que leva ao outro lado do rio. Não sabemos o que vem depois disso.",
    "nl": "De brug is maandag geopend en het is de eerste die over de rivier leidt. Wij weten niet wat er hierna komt.",
    "pl": "Most został otwarty w poniedziałek i jest pierwszym, który prowadzi przez rzekę. Nie wiemy, co będzie po tym.",
    "sv": "Bron öppnades på måndagen och den är den första som leder över älven. Vi vet inte vad som kommer efter det här.",
    "da": "Broen blev åbnet mandag, og den er den første, der fører over floden. Vi ved ikke, hvad der kommer efter det.",
    "no": "Broen ble åpnet mandag, og den er den første som fører over elven. Vi vet ikke hva som kommer etter dette.",
    "fi": "Silta avattiin maanantaina, ja se on ensimmäinen, joka johtaa joen yli. Emme tiedä, mitä sen jälkeen tulee, mutta se on hyvä.",
    "cs": "Most byl otevřen v pondělí a je to první, který vede přes řeku. Nevíme, co bude potom, ale je to dobře.",
    "sk": "Most bol otvorený v pondelok a je to prvý, ktorý vedie cez rieku. Nevieme, čo bude potom, ale je to dobre.",
    "hu": "A hidat hétfőn nyitották meg, és ez az első, amely a folyón át vezet. Nem tudjuk, hogy mi jön ez után.",
    "ro": "Podul a fost deschis luni și este primul care duce peste râu. Nu știm ce va fi după aceasta.",
    "hr": "Most je otvoren u ponedjeljak i to je prvi koji vodi preko rijeke. Ne znamo što će biti nakon toga, ali je već tako.",
    "sl": "Most so odprli v ponedeljek in je prvi, ki vodi čez reko. Ne vemo, kaj bo po tem, ker še ni znano.",
    "tr": "Köprü pazartesi günü açıldı ve bu, nehrin üzerinden geçen ilk köprü. Bundan sonra ne olduğu için bir şey bilmiyoruz.",
    "id": "Jembatan itu dibuka hari Senin dan ini adalah yang pertama di atas sungai. Kami tidak tahu apa yang akan datang setelah ini.",
    "vi": "Cây cầu được mở vào thứ hai và là cây cầu đầu tiên qua sông. Chúng tôi không biết những gì sẽ đến sau này.",
    "ca": "El pont es va obrir dilluns i és el primer que porta a l'altra banda del riu. No sabem què ve després d'això, però és molt bo.",
    "lt": "Tiltas buvo atidarytas pirmadienį ir yra pirmasis, kuris veda per upę. Mes nežinome, kas bus po to, bet tai jau yra gerai.",
    "lv": "Tilts tika atvērts pirmdien, un tas ir pirmais, kas ved pāri upei. Mēs nezinām, kas būs pēc tam, bet tas jau ir labi.",
    "et": "Sild avati esmaspäeval ja see on esimene, mis viib üle jõe. Me ei tea, mis pärast seda tuleb, aga see on hea.",
    "is": "Brúin var opnuð á mánudaginn og hún er sú fyrsta sem liggur yfir ána. Við vitum ekki hvað kemur eftir það.",
    "ru": "Мост открыли в понедельник, и это первый, который ведёт через реку. Мы не знаем, что будет после этого.",
    "uk": "Міст відкрили в понеділок, і це перший, який веде через річку. Ми не знаємо, що буде після цього.",
    "bg": "Мостът беше открит в понеделник и това е първият, който води през реката. Ние не знаем какво ще има след това.",
    "sr": "Мост је отворен у понедељак и то је први који води преко реке. Не знамо шта ће бити након тога, али је већ тако.",
    "el": "Η γέφυρα άνοιξε τη Δευτέρα και είναι η πρώτη που οδηγεί πάνω από το ποτάμι.",
    "ja": "橋は月曜日に開通し、川を渡る最初の橋です。",
    "zh": "这座桥星期一开通，是第一座跨越河流的桥。",
    "ko": "다리는 월요일에 개통되었으며 강을 건너는 첫 번째 다리입니다.",
    "ar": "افتتح الجسر يوم الاثنين وهو أول جسر يعبر النهر.",
    "fa": "این پل روز دوشنبه گشایش یافت و نخستین پلی است که از روی رودخانه می‌گذرد.",
    "he": "הגשר נפתח ביום שני והוא הראשון שמוביל מעל הנהר.",
    "hi": "पुल सोमवार को खुला और यह नदी पर पहला पुल है।",
    "th": "สะพานเปิดเมื่อวันจันทร์และเป็นสะพานแรกที่ข้ามแม่น้ำ",
}


@pytest.mark.parametrize("language", TEXTS)
def test_two_sentences_are_enough(language: str) -> None:
    """Each of the languages is known by its little words, letters or script."""
    assert detect(TEXTS[language]) == language


@pytest.mark.parametrize("text", ["", "12 345", "OK", "https://paper.example/the/of/and", "XK-9 QQL-88 ZZRT"])
def test_what_is_no_running_text_has_no_language(text: str) -> None:
    """Nothing is better than a guess."""
    assert detect(text) is None


def test_a_name_with_an_at_sign_is_no_address() -> None:
    """In a script without spaces the whole paragraph would go with it."""
    assert detect("@山田さんが昨日、東京で新しい本を出しました。とても面白いです。") == "ja"
