//! Numbers and amounts as people write them. Commas and dots group digits or begin a fraction; where they could do either, it is
//! no number, because to guess would be wrong by a factor of a thousand.

use crate::model::Value;

use super::our_digits;

/// Signs and words beside an amount, and the currencies that they can mean.
#[rustfmt::skip] // a table
const CURRENCIES: &[(&str, &[&str])] = &[
    ("₹", &["INR"]), ("€", &["EUR"]), ("£", &["GBP", "EGP"]), ("¥", &["JPY", "CNY"]), ("₩", &["KRW"]), ("₦", &["NGN"]), ("₱", &["PHP"]),
    ("₺", &["TRY"]), ("₫", &["VND"]), ("฿", &["THB"]), ("₴", &["UAH"]), ("₪", &["ILS"]), ("R$", &["BRL"]), ("R", &["ZAR", "BRL"]),
    ("$", &["USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP", "TWD", "JMD", "TTD", "NAD"]),
    ("RS", &["INR", "PKR", "LKR", "NPR", "MUR", "BRL"]), ("RUPEE", &["INR", "PKR", "LKR", "NPR", "MUR"]), ("RUPEES", &["INR", "PKR", "LKR", "NPR", "MUR"]),
    ("EURO", &["EUR"]), ("EUROS", &["EUR"]), ("POUND", &["GBP", "EGP"]), ("POUNDS", &["GBP", "EGP"]), ("RAND", &["ZAR"]), ("REAIS", &["BRL"]),
    ("DOLLAR", &["USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "JMD", "TTD", "NAD"]),
    ("DOLLARS", &["USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "JMD", "TTD", "NAD"]),
];

/// What was typed as a number.
pub fn number(typed: &str) -> Option<Value> {
    let text = our_digits(typed.trim());
    let (sign, rest) = match text.strip_prefix(['-', '−']) {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    let plain = format!("{sign}{}", ungrouped(rest.trim_start())?);
    let whole = || plain.parse().map(Value::Whole).ok();
    whole().or_else(|| plain.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Decimal))
}

/// What was typed as an amount in `currency`; otherwise why it is none.
pub fn amount(typed: &str, currency: &str) -> Result<Value, String> {
    let typed = our_digits(typed);
    let bare = typed.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '-');
    let bare = bare.trim_end_matches(|c: char| !c.is_ascii_digit());
    let beside = typed.replace(bare, " ").to_uppercase();
    let foreign = |word: &str| match CURRENCIES.iter().find(|(sign, _)| *sign == word) {
        Some((_, known)) => !known.contains(&currency),
        None => word.len() == 3 && word.is_ascii() && word != currency,
    };
    let mut words = beside.split_whitespace().map(|word| word.trim_matches(['.', ',', '/', '-']));
    if words.any(foreign) {
        return Err(format!("it is not in {currency}"));
    }
    number(bare).ok_or_else(|| "it is not an amount".to_owned())
}

/// Digits with at most one dot before a fraction; nothing when the signs between the digits can be read in two ways or in none.
fn ungrouped(text: &str) -> Option<String> {
    const SPACES: [char; 5] = [' ', '\u{a0}', '\u{202f}', '\'', '’'];
    let known = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',') || SPACES.contains(&c);
    if !text.chars().all(known) || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (dots, commas) = (text.matches('.').count(), text.matches(',').count());
    let last = text.rfind(['.', ',']);
    let after = last.map_or("", |at| &text[at + 1..]);
    // The sign that begins the fraction.
    let fraction = match (dots, commas) {
        (0, 0) => None,
        (1, 0) if may_group(text, '.') => return None,
        (1, 0) => Some('.'),
        (0, 1) if matches!(after.len(), 1 | 2) => Some(','),
        (0, _) | (_, 0) => None,
        (1, _) if text.rfind('.') == last => Some('.'),
        (_, 1) if text.rfind(',') == last => Some(','),
        _ => return None,
    };
    let (whole, fraction) = match fraction {
        Some(_) => text.split_at(last?),
        None => (text, ""),
    };
    let fraction = fraction.get(1..).unwrap_or("");
    let groups = whole.replace(SPACES, " ");
    let between: Vec<char> = groups.chars().filter(|c| !c.is_ascii_digit()).collect();
    let one_sign = between.windows(2).all(|pair| pair[0] == pair[1]);
    let grouped = match between.first() {
        None => true,
        Some(sign) => one_sign && are_groups(&groups, *sign),
    };
    let good = grouped && fraction.bytes().all(|byte| byte.is_ascii_digit()) && !(whole.is_empty() && fraction.is_empty());
    let digits: String = groups.chars().filter(char::is_ascii_digit).collect();
    let digits = if digits.is_empty() { "0" } else { digits.as_str() };
    good.then(|| if fraction.is_empty() { digits.to_owned() } else { format!("{digits}.{fraction}") })
}

/// Whether the one `sign` could as well group: `1.200`, but not `0.125` and not `1234.500`.
fn may_group(text: &str, sign: char) -> bool {
    are_groups(text, sign) && !text.starts_with('0')
}

/// Whether digits stand in groups: three in the last, two or three in those before it (`1,00,000`).
fn are_groups(text: &str, sign: char) -> bool {
    let groups: Vec<&str> = text.split(sign).collect();
    let [first, middle @ .., last] = groups.as_slice() else { return false };
    let digits = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    digits && (1..=3).contains(&first.len()) && middle.iter().all(|group| matches!(group.len(), 2 | 3)) && last.len() == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_groups_digits_and_what_begins_a_fraction() {
        for (typed, expected) in [
            ("12", Some(Value::Whole(12))),
            ("1,200", Some(Value::Whole(1200))),
            ("1,00,000", Some(Value::Whole(100_000))),
            ("1,200.50", Some(Value::Decimal(1200.5))),
            ("1 200", Some(Value::Whole(1200))),
            ("1 200 000", Some(Value::Whole(1_200_000))),
            ("1'200", Some(Value::Whole(1200))),
            ("-12", Some(Value::Whole(-12))),
            ("+ 12", Some(Value::Whole(12))),
            ("10.5", Some(Value::Decimal(10.5))),
            (".5", Some(Value::Decimal(0.5))),
            ("0.125", Some(Value::Decimal(0.125))),
            ("1234.500", Some(Value::Decimal(1234.5))),
            ("12,50", Some(Value::Decimal(12.5))),
            ("1.200,50", Some(Value::Decimal(1200.5))),
            ("1.200.000", Some(Value::Whole(1_200_000))),
            ("१२", Some(Value::Whole(12))),
            ("1.200", None),
            ("1,2000", None),
            ("1,", None),
            ("3 4", None),
            ("1.2.3", None),
            ("1,200,50", None),
            ("1,200.000,00", None),
            ("many", None),
            ("1e5", None),
            ("inf", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(number(typed), expected, "{typed}");
        }
    }

    #[test]
    fn amounts_are_in_their_currency_or_in_none() {
        for (typed, currency, expected) in [
            ("INR 99.90", "INR", Some(Value::Decimal(99.9))),
            ("₹ 1,200", "INR", Some(Value::Whole(1200))),
            ("₹500/-", "INR", Some(Value::Whole(500))),
            ("Rs. 500", "INR", Some(Value::Whole(500))),
            ("12,50 €", "EUR", Some(Value::Decimal(12.5))),
            ("5 euros", "EUR", Some(Value::Whole(5))),
            ("$5", "USD", Some(Value::Whole(5))),
            ("R 50", "ZAR", Some(Value::Whole(50))),
            ("about 50", "INR", Some(Value::Whole(50))),
            ("$5", "INR", None),
            ("5 dollars", "INR", None),
            ("USD 5", "INR", None),
            ("5 to 10", "INR", None),
            ("many", "INR", None),
        ] {
            assert_eq!(amount(typed, currency).ok(), expected, "{typed}");
        }
    }
}
