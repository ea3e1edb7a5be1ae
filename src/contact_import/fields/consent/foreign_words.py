"""Recognise words about consent in headers in other languages than English: `SMS同意`, `Zgoda SMS`, `Keine Werbung`.

Only the beginnings of words are listed, because many languages inflect them. Chinese, Japanese, Korean and Thai have
no blanks between words, so there a term counts anywhere in the header.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache

from contact_import.fields.consent.kinds import ConsentKind
from contact_import.fields.consent.words import SMS_WORDS


class Meaning(StrEnum):
    """The subject of a word of a header."""

    SMS = "sms"
    OTHER_CHANNEL = "other channel"
    MARKETING = "marketing"
    CONTACT = "contact"
    CONSENT = "consent"
    RECEIVE = "receive"
    REFUSAL = "refusal"
    NEGATION = "negation"
    OTHER_TOPIC = "other topic"  # a consent to something else than messages


# A term that ends in "_" is a whole word. One that begins with "*" may be the end of a compound (`Werbeeinwilligung`).
_TERMS = {
    Meaning.SMS: "短信 短訊 簡訊 简讯 ショートメ 문자 tin_nhan_ смс",
    Meaning.OTHER_CHANNEL: (
        "邮件 郵件 电邮 電郵 メール 이메일 메일 전화_ 电话营销 anruf telefonanruf courriel correo mail email e_mail "
        "thu_dien_tu почт епочт newsletter appels_ llamadas_ whatsapp kakao 微信"
    ),
    Meaning.MARKETING: (
        "营销 營銷 行銷 推广 広告 宣伝 お知らせ 案内 마케팅 광고 quang_cao_ tiep_thi_ werb publicit prospection "
        "reclame pubblicit propaganda reklam marketing promo комерч реклам διαφημ"
    ),
    Meaning.CONTACT: (
        "联系 聯絡 連絡 연락 lien_he_ kontaktier kontaktaufnahme contacter_ contacteren_ contactar_ contattare_ "
        "contatar_ kontakt_ benader"
    ),
    Meaning.CONSENT: (
        "同意 许可 許可 希望 동의 dong_y_ đong_y_ *einwillig *zustimm *erlaub einverst erteilt genehmig consenti "
        "consente consens autoris autoriz accord_ accepte_ acepta aceita accetta permess permiso toestemm akkoord "
        "zgod samtyc samtyk suostum souhlas suhlas hozzajarul acord_ izin izn onay setuju persetujuan kebenaran "
        "payag согла συγκατ συναιν موافق ยนยอม सहमत"  # noqa: RUF001
    ),
    Meaning.RECEIVE: (
        "接收 受信 配信 受け取 수신 nhan_ empfang erhalten_ recevoir_ recibir_ receber_ ricevere_ ontvangen_ otrzym "
        "menerima_ terima_ получ"
    ),
    Meaning.REFUSAL: (
        "退订 退訂 拒收 拒绝 拒絕 拒否 配信停止 停止 解除 수신거부 거부 철회 huy_đang_ky_ huy_dang_ky_ tu_choi_ "
        "abgemeldet abmeld abbestell verstorben *sperre_ gesperrt *widerspr widerruf desabonn desinscri "
        "opposition_ decede fecha_de_baja_ motivo_de_baja_ dado_de_baja_ baja_sms_ no_contactar_ no_llamar_ "
        "no_enviar_ fallecid disiscri revoc decedut descadastr falecid uitgeschreven uitschrij "
        "afgemeld afmeld bezwaar overleden wypis rezygn sprzeciw zmarl avregistr avmeld frameld afmeldt berhenti "
        "batal_langgan iptal ret_ отпис отказ"
    ),
    Meaning.NEGATION: (
        "不 未 禁止 안함 미동의 khong_ kein nicht_ ne_pas_ refuse_ refus_ pas_de_ non_ niet_ geen_ nie_ nao_ ikke_ "
        "inte_ tidak_ jangan_ не_"
    ),
    Meaning.OTHER_TOPIC: (
        "隐私 隱私 プライバシ 个人信息 個人情報 개인정보 写真 照片 사진 datenschutz foto privacid confidential "
        "donnees_ datos_ dati_ dados_ medisch behandlung condiciones_ conditions_ agb_ voorwaarden_ 利用規約"
    ),
}


@cache
def _get_terms() -> Mapping[Meaning, Sequence[str]]:
    """Return the terms in the form of a header's words; those that begin a word begin with a blank."""
    terms: dict[Meaning, list[str]] = {}
    for meaning, text in _TERMS.items():
        folded = (_fold(term).replace("_", " ") for term in text.split())
        terms[meaning] = [term.lstrip("*") if _is_anywhere(term) else f" {term}" for term in folded]
    return terms


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _is_anywhere(term: str) -> bool:
    """Return whether a term counts inside a word: in a compound, or in a script that is neither Latin nor Cyrillic."""
    return term[0] == "*" or term[0] >= "\u0600"


def _find_meanings(words: Sequence[str]) -> frozenset[Meaning]:
    """Return what a header is about, by its words in other languages."""
    # The signs for vowels of Thai and Hindi split words, so these are joined again.
    text = f" {' '.join(words)} {''.join(words)}"
    return frozenset(meaning for meaning, terms in _get_terms().items() if any(map(text.__contains__, terms)))


def classify_foreign(header: Sequence[str]) -> ConsentKind | None:
    """Return the kind of a header in another language than English."""
    found = _find_meanings(header)
    is_sms = Meaning.SMS in found or not SMS_WORDS.isdisjoint(header)
    if not found or (Meaning.OTHER_CHANNEL in found and not is_sms):
        return None
    is_about_messages = is_sms or not found.isdisjoint((Meaning.MARKETING, Meaning.CONTACT))
    if Meaning.REFUSAL in found or (Meaning.NEGATION in found and (is_about_messages or Meaning.RECEIVE in found)):
        return ConsentKind.OPT_OUT
    if Meaning.CONSENT in found and not is_about_messages:
        return ConsentKind.PREFERENCE if Meaning.OTHER_TOPIC in found else ConsentKind.CONSENT
    is_consent = Meaning.CONSENT in found or (is_sms and Meaning.RECEIVE in found)
    return ConsentKind.CONSENT if is_consent else None
