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

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn offers_what_was_probably_meant_and_nothing_far_fetched() {
        assert_eq!(nearest("titel", ["title", "go", "set"]), Some("title"));
        assert_eq!(nearest("Buttons", ["buttons", "say"]), Some("buttons"));
        assert_eq!(nearest("zebra", ["title", "go", "set"]), None);
    }
}
