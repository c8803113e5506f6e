//! `given: {prices.quote: 450}`: from here on a script function gives this, or fails like this, without being run.

use crate::flow::Pretended;
use crate::flow::read::Reader;
use crate::source::Node;

use super::super::given;
use super::super::play::{Failure, Play};
use super::LineKind;

/// Results by the name of the function, `script.function`.
#[derive(Debug, Clone)]
pub struct GivenLine(Vec<(String, Pretended)>);

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    Some(LineKind::Given(GivenLine(given::read(reader, node)?)))
}

impl GivenLine {
    pub(super) fn play(&self, play: &mut Play<'_>) -> Result<(), Failure> {
        for (function, pretended) in &self.0 {
            play.stage.give(function.clone(), pretended.clone());
        }
        Ok(())
    }
}
