//! "Did you mean": the nearest of the names that would have been right.

/// The candidate nearest to `wrong`, if one is near enough to be what was meant: at most a third of its letters differ, a
/// swap of two neighbours counting once.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wrong, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count().max(wrong.chars().count()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Whether `wrong` can only be a slip of the pen for the word `meant` of the language: one letter away from it, or written with
/// other capitals, and not near to any other of the `words` that may stand there.
pub fn surely<'a>(wrong: &str, meant: &str, words: impl IntoIterator<Item = &'a str>) -> bool {
    let near = |word: &str| strsim::damerau_levenshtein(&wrong.to_lowercase(), &word.to_lowercase());
    near(meant) <= 1 && words.into_iter().all(|word| word == meant || near(word) > 2)
}

#[cfg(test)]
mod tests {
    use super::{nearest, surely};

    #[test]
    fn only_one_letter_and_one_candidate_are_sure() {
        assert!(surely("titel", "title", ["title", "go", "set", "when"]));
        assert!(surely("Title", "title", ["title", "words"]));
        assert!(!surely("tetil", "title", ["title", "words"]));
        assert!(!surely("as", "ask", ["ask", "say"]), "`say` is two letters away as well");
        assert!(!surely("tima", "time", ["time", "times"]));
    }

    #[test]
    fn offers_what_was_probably_meant_and_nothing_far_fetched() {
        assert_eq!(nearest("titel", ["title", "go", "set"]), Some("title"));
        assert_eq!(nearest("Buttons", ["buttons", "say"]), Some("buttons"));
        assert_eq!(nearest("zebra", ["title", "go", "set"]), None);
    }
}
