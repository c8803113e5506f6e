//! The shortest conversation that still goes wrong: acts are left out, and long texts cut, as long as it does.

use super::act::Act;

/// Conversations that are played to shrink one.
const TRIES_MAX: usize = 1_500;

const HOUR_MS: u64 = 60 * 60 * 1_000;

/// The shortest part of `acts`, found within [`TRIES_MAX`] tries, that still `goes_wrong`. Delta debugging: ever smaller stretches are
/// left out, wherever they stand, until no single act can be.
pub(super) fn shortest(acts: Vec<Act>, mut goes_wrong: impl FnMut(&[Act]) -> bool) -> Vec<Act> {
    let (mut acts, mut tries) = (acts, 0);
    let mut wrong = |acts: &[Act]| {
        tries += 1;
        tries <= TRIES_MAX && goes_wrong(acts)
    };
    let mut stretch = acts.len();
    while stretch > 0 {
        let mut at = 0;
        while at + stretch <= acts.len() {
            let less: Vec<Act> = acts[..at].iter().chain(&acts[at + stretch..]).cloned().collect();
            if wrong(&less) {
                acts = less;
            } else {
                at += 1;
            }
        }
        stretch = (stretch / 2).min(acts.len());
    }
    for at in 0..acts.len() {
        while let Some(simpler) = simpler(&acts[at]) {
            let mut other = acts.clone();
            other[at] = simpler;
            if !wrong(&other) {
                break;
            }
            acts = other;
        }
    }
    acts
}

/// The same act with less in it.
fn simpler(act: &Act) -> Option<Act> {
    match act {
        Act::Type(text) if text.chars().count() > 1 => {
            let half = text.chars().count() / 2;
            Some(Act::Type(text.chars().take(half).collect::<String>().into()))
        }
        Act::Wait(millis) if *millis >= 2 * HOUR_MS => Some(Act::Wait(millis / 2 / HOUR_MS * HOUR_MS)),
        Act::Tap { button, back, twice: true } => Some(Act::Tap { button: button.clone(), back: *back, twice: false }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Act, shortest};

    #[test]
    fn what_is_not_needed_is_left_out() {
        let acts: Vec<Act> = (0..40).map(|n| Act::Type(format!("a text with the number {n}").into())).collect();
        let has = |acts: &[Act], n: &str| acts.iter().position(|act| matches!(act, Act::Type(text) if text.ends_with(n)));
        let short = shortest(acts, |acts| matches!((has(acts, " 3"), has(acts, " 31")), (Some(one), Some(other)) if one < other));
        assert_eq!(short.len(), 2, "{short:?}");
    }

    #[test]
    fn a_long_text_is_cut() {
        let acts = vec![Act::Type("a".repeat(4096).into())];
        let short = shortest(acts, |acts| matches!(acts, [Act::Type(text)] if text.len() > 100));
        assert_eq!(short, [Act::Type("a".repeat(128).into())]);
    }
}
