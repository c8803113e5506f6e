//! The words of the languages, one table each. Words that mean the same stand in one text with spaces between them, the one
//! that is shown first. They are compared as triggers are: without case and accents.
//!
//! Left out is what means two things: Hindi `kal` is tomorrow and yesterday, German `so` is more than Sunday.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use jiff::civil::Date;

use super::super::trigger::plain;

/// The half of the day that words beside an hour tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// Nothing is told.
    Untold,
    /// From midnight to noon.
    Morning,
    /// From noon to midnight.
    Evening,
}

use Half::{Evening, Morning, Untold};

/// A language as it is written down here.
pub(super) struct Language {
    /// Its two letters.
    pub code: &'static str,
    yes: &'static str,
    no: &'static str,
    /// Phrases for days, and how many days after today each is.
    days: &'static [(&'static str, i64)],
    weekdays: [&'static str; 7],
    months: [&'static str; 12],
    /// The numbers from one on.
    numbers: &'static [&'static str],
    /// Words for a stretch of days, and how many it has.
    units: &'static [(&'static str, i64)],
    /// What makes of a stretch a day: `in`.
    within: &'static str,
    /// What makes of a weekday the first one from today on.
    this: &'static str,
    /// What makes of a weekday the one of next week.
    next: &'static str,
    /// What may stand beside a day and changes nothing.
    fillers: &'static str,
    /// What stands behind the number of a day.
    ordinals: &'static str,
    /// Ways to tell a time: `{h}` is an hour or a time in digits or words, then the minutes after it and the half of the day.
    hours: &'static [(&'static str, i16, Half)],
    /// Times with a name of their own, in hours.
    named_hours: &'static [(&'static str, i8)],
    /// How a day of a month is shown.
    shown: &'static str,
}

/// The languages in the order in which they are tried.
#[rustfmt::skip] // a table
const LANGUAGES: &[Language] = &[
    Language {
        code: "en",
        yes: "yes y yeah yep yup sure ok okay true 👍",
        no: "no n nope nah false 👎",
        days: &[("today", 0), ("tonight", 0), ("tomorrow", 1), ("day after tomorrow", 2), ("the day after tomorrow", 2), ("yesterday", -1)],
        weekdays: ["Monday mon", "Tuesday tue tues", "Wednesday wed", "Thursday thu thur thurs", "Friday fri", "Saturday sat", "Sunday sun"],
        months: ["January jan", "February feb", "March mar", "April apr", "May", "June jun", "July jul", "August aug", "September sep sept", "October oct", "November nov", "December dec"],
        numbers: &["one a an", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        units: &[("day days", 1), ("week weeks", 7), ("fortnight", 14)],
        within: "in from later", this: "this coming", next: "next", fillers: "on the of now please", ordinals: "st nd rd th",
        hours: &[
            ("{h}", 0, Untold), ("at {h}", 0, Untold), ("{h} o'clock", 0, Untold), ("{h} o’clock", 0, Untold), ("{h} h", 0, Untold),
            ("{h} am", 0, Morning), ("{h} a.m", 0, Morning), ("{h} pm", 0, Evening), ("{h} p.m", 0, Evening),
            ("{h} in the morning", 0, Morning), ("{h} in the afternoon", 0, Evening), ("{h} in the evening", 0, Evening),
            ("half past {h}", 30, Untold), ("quarter past {h}", 15, Untold), ("a quarter past {h}", 15, Untold),
            ("quarter to {h}", -15, Untold), ("a quarter to {h}", -15, Untold),
        ],
        named_hours: &[("noon", 12), ("midday", 12), ("midnight", 0)], shown: "{d} {m}",
    },
    Language {
        code: "de",
        yes: "ja jawohl jo klar gerne", no: "nein ne nö",
        days: &[("heute", 0), ("morgen", 1), ("übermorgen", 2), ("gestern", -1)],
        weekdays: ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag Sonnabend", "Sonntag"],
        months: ["Januar jan Jänner", "Februar feb", "März", "April apr", "Mai", "Juni jun", "Juli jul", "August aug", "September sep sept", "Oktober okt", "November nov", "Dezember dez"],
        numbers: &["eins ein eine einem einer", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"],
        units: &[("tag tage tagen", 1), ("woche wochen", 7)],
        within: "in", this: "diesen dieser kommenden", next: "nächsten nächster", fillers: "am den der bitte", ordinals: "ten",
        hours: &[
            ("{h} uhr", 0, Untold), ("um {h}", 0, Untold), ("um {h} uhr", 0, Untold), ("halb {h}", -30, Untold), ("viertel nach {h}", 15, Untold),
            ("viertel vor {h}", -15, Untold), ("{h} uhr morgens", 0, Morning), ("{h} uhr früh", 0, Morning), ("{h} uhr vormittags", 0, Morning),
            ("{h} uhr nachmittags", 0, Evening), ("{h} uhr abends", 0, Evening),
        ],
        named_hours: &[("mittag", 12), ("mittags", 12), ("mitternacht", 0)], shown: "{d}. {m}",
    },
    Language {
        code: "es",
        yes: "sí claro vale", no: "no",
        days: &[("hoy", 0), ("mañana", 1), ("pasado mañana", 2), ("ayer", -1)],
        weekdays: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
        months: ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre setiembre", "octubre", "noviembre", "diciembre"],
        numbers: &["uno un una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"],
        units: &[("día días", 1), ("semana semanas", 7)],
        within: "en dentro", this: "este", next: "próximo", fillers: "el de del", ordinals: "o",
        hours: &[
            ("a las {h}", 0, Untold), ("a la {h}", 0, Untold), ("las {h}", 0, Untold), ("{h} y media", 30, Untold), ("{h} y cuarto", 15, Untold),
            ("{h} menos cuarto", -15, Untold), ("{h} de la mañana", 0, Morning), ("{h} de la tarde", 0, Evening), ("{h} de la noche", 0, Evening),
            ("a las {h} de la mañana", 0, Morning), ("a las {h} de la tarde", 0, Evening), ("a las {h} de la noche", 0, Evening), ("a las {h} y media", 30, Untold), ("las {h} y media", 30, Untold), ("las {h} y cuarto", 15, Untold),
        ],
        named_hours: &[("mediodía", 12), ("medianoche", 0)], shown: "{d} de {m}",
    },
    Language {
        code: "fr",
        yes: "oui ouais", no: "non",
        days: &[("aujourd'hui", 0), ("aujourd’hui", 0), ("demain", 1), ("après demain", 2), ("hier", -1)],
        weekdays: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
        months: ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
        numbers: &["un une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"],
        units: &[("jour jours", 1), ("semaine semaines", 7)],
        within: "dans", this: "ce", next: "prochain", fillers: "le", ordinals: "er",
        hours: &[
            ("à {h}", 0, Untold), ("{h} heures", 0, Untold), ("{h} heure", 0, Untold), ("à {h} heures", 0, Untold), ("{h} heures et demie", 30, Untold),
            ("{h} heures et quart", 15, Untold), ("{h} heures moins le quart", -15, Untold), ("{h} heures du matin", 0, Morning), ("{h}h du matin", 0, Morning),
            ("{h} heures du soir", 0, Evening), ("{h}h du soir", 0, Evening), ("{h} heures de l'après midi", 0, Evening),
        ],
        named_hours: &[("midi", 12), ("minuit", 0)], shown: "{d} {m}",
    },
    Language {
        code: "pt",
        yes: "sim claro", no: "não",
        days: &[("hoje", 0), ("amanhã", 1), ("depois de amanhã", 2), ("ontem", -1)],
        weekdays: ["segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo"],
        months: ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"],
        numbers: &["um uma", "dois duas", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze", "doze"],
        units: &[("dia dias", 1), ("semana semanas", 7)],
        within: "em daqui", this: "este esta", next: "próximo próxima", fillers: "a no na de do feira", ordinals: "o",
        hours: &[
            ("às {h}", 0, Untold), ("as {h}", 0, Untold), ("{h} horas", 0, Untold), ("às {h} horas", 0, Untold), ("{h} e meia", 30, Untold), ("{h} e quinze", 15, Untold),
            ("{h} da manhã", 0, Morning), ("{h} da tarde", 0, Evening), ("{h} da noite", 0, Evening), ("às {h} da tarde", 0, Evening),
        ],
        named_hours: &[("meio dia", 12), ("meia noite", 0)], shown: "{d} de {m}",
    },
    Language {
        code: "hi",
        yes: "haan हाँ हां ha han haa ji जी", no: "nahi नहीं nahin nahi nai",
        days: &[("aaj", 0), ("आज", 0)],
        weekdays: ["सोमवार somvar somwar", "मंगलवार mangalvar mangalwar", "बुधवार budhvar budhwar", "गुरुवार guruvar guruwar बृहस्पतिवार", "शुक्रवार shukravar shukrawar", "शनिवार shanivar shaniwar", "रविवार ravivar raviwar"],
        months: ["जनवरी", "फ़रवरी फरवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर सितम्बर", "अक्टूबर", "नवंबर नवम्बर", "दिसंबर दिसम्बर"],
        numbers: &["एक ek", "दो do", "तीन teen", "चार char", "पाँच पांच paanch panch", "छह chhe", "सात saat", "आठ aath", "नौ nau", "दस das", "ग्यारह gyarah", "बारह barah"],
        units: &[("din दिन", 1), ("hafte hafta हफ़्ते हफ्ते", 7)],
        within: "mein में baad बाद", this: "is इस", next: "agle अगले", fillers: "ko को", ordinals: "",
        hours: &[
            ("{h} baje", 0, Untold), ("{h} बजे", 0, Untold), ("subah {h} baje", 0, Morning), ("सुबह {h} बजे", 0, Morning), ("shaam {h} baje", 0, Evening),
            ("शाम {h} बजे", 0, Evening), ("raat {h} baje", 0, Evening), ("रात {h} बजे", 0, Evening),
        ],
        named_hours: &[], shown: "{d} {m}",
    },
];

/// What a word means beside a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// From Monday, 0.
    Weekday(i8),
    /// From January, 1.
    Month(i8),
    Number(i64),
    /// So many days.
    Unit(i64),
    Within,
    This,
    Next,
    Filler,
    Ordinal,
}

/// A language as it is compared.
pub(super) struct Folded {
    pub table: &'static Language,
    pub yes: HashSet<String>,
    pub no: HashSet<String>,
    pub days: HashMap<String, i64>,
    pub words: HashMap<String, Word>,
    /// What stands before and behind the hour, the minutes after it, the half of the day.
    pub hours: Vec<(String, String, i16, Half)>,
    pub named_hours: HashMap<String, i8>,
}

/// The languages as they are compared, made once.
pub(super) fn folded() -> &'static [Folded] {
    static FOLDED: OnceLock<Vec<Folded>> = OnceLock::new();
    FOLDED.get_or_init(|| LANGUAGES.iter().map(Folded::of).collect())
}

impl Folded {
    fn of(table: &'static Language) -> Self {
        let set = |words: &str| words.split_whitespace().map(plain).collect::<HashSet<_>>();
        Self {
            table,
            yes: set(table.yes),
            no: set(table.no),
            days: table.days.iter().map(|(phrase, days)| (plain(phrase), *days)).collect(),
            words: table.words().collect(),
            hours: table.hours.iter().filter_map(fold_hour).collect(),
            named_hours: table.named_hours.iter().map(|(name, hour)| (plain(name), *hour)).collect(),
        }
    }

    /// The number that a word is.
    pub fn number(&self, word: &str) -> Option<i64> {
        match self.words.get(word) {
            Some(Word::Number(number)) => Some(*number),
            _ => None,
        }
    }
}

impl Language {
    fn words(&self) -> impl Iterator<Item = (String, Word)> {
        let rows = |rows: &'static [&'static str], from: i8, word: fn(i8) -> Word| {
            rows.iter().zip(from..).map(move |(words, n)| (*words, word(n))).collect::<Vec<_>>()
        };
        let single = [
            (self.within, Word::Within),
            (self.this, Word::This),
            (self.next, Word::Next),
            (self.fillers, Word::Filler),
            (self.ordinals, Word::Ordinal),
        ];
        let mut all: Vec<(&'static str, Word)> = single.to_vec();
        all.extend(rows(self.numbers, 1, |n| Word::Number(n.into())));
        all.extend(self.units.iter().map(|(words, days)| (*words, Word::Unit(*days))));
        all.extend(self.weekdays.iter().zip(0..).map(|(words, n)| (*words, Word::Weekday(n))));
        all.extend(self.months.iter().zip(1..).map(|(words, n)| (*words, Word::Month(n))));
        all.into_iter().flat_map(|(words, word)| words.split_whitespace().map(move |one| (plain(one), word)))
    }
}

fn fold_hour((told, minutes, half): &(&'static str, i16, Half)) -> Option<(String, String, i16, Half)> {
    // A stand-in that folding leaves alone.
    let folded = plain(&told.replace("{h}", "0"));
    let (before, after) = folded.split_once('0')?;
    Some((before.to_owned(), after.to_owned(), *minutes, *half))
}

/// The table of `language`, or English.
fn table(language: Option<&str>) -> &'static Language {
    let code = language.and_then(|code| code.split(['_', '-']).next()).unwrap_or("en");
    LANGUAGES.iter().find(|one| one.code.eq_ignore_ascii_case(code)).unwrap_or(&LANGUAGES[0])
}

/// A day as people write it, `15 June`, with its year where that is wanted.
pub(in super::super) fn say_day(day: Date, with_year: bool, language: Option<&str>) -> String {
    let table = table(language);
    let month = usize::try_from(day.month() - 1).ok().and_then(|month| table.months.get(month));
    let month = month.and_then(|words| words.split_whitespace().next()).unwrap_or_default();
    let told = table.shown.replace("{d}", &day.day().to_string()).replace("{m}", month);
    if with_year { format!("{told} {:04}", day.year()) } else { told }
}

/// The weekday that is `from_monday` days after Monday, as people write it.
pub(in super::super) fn weekday_name(from_monday: usize, language: Option<&str>) -> &'static str {
    table(language).weekdays.get(from_monday).and_then(|words| words.split_whitespace().next()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_a_language_means_two_things() {
        for language in LANGUAGES {
            let mut seen: HashMap<String, Word> = HashMap::new();
            for (word, means) in language.words() {
                assert!(!word.is_empty() && !word.contains(' '), "{}: {word:?}", language.code);
                let before = seen.insert(word.clone(), means);
                assert!(before.is_none_or(|before| before == means), "{}: {word}", language.code);
            }
            let folded = Folded::of(language);
            assert!(folded.yes.is_disjoint(&folded.no), "{}", language.code);
            assert_eq!(folded.hours.len(), language.hours.len(), "{}", language.code);
        }
    }

    #[test]
    fn days_are_shown_as_people_write_them() {
        let day = Date::constant(2026, 3, 15);
        for (language, expected) in [
            (None, "15 March"),
            (Some("de"), "15. März"),
            (Some("es_MX"), "15 de marzo"),
            (Some("hi"), "15 मार्च"),
            (Some("xx"), "15 March"),
        ] {
            assert_eq!(say_day(day, false, language), expected);
        }
        assert_eq!(say_day(day, true, None), "15 March 2026");
        assert_eq!(weekday_name(6, Some("fr")), "dimanche");
    }
}
