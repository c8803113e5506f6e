//! A flow as a picture: steps as cards, their ways out as lines between them.
//!
//! Invariants: the same program always gives the same picture; every step is on it, and every way out is a line or is named on
//! its card. Must never: read a file, measure with a font (widths are estimated, so that the picture is the same everywhere),
//! or hold anything of a conversation.
//!
//! Where to look: `picture` is what there is to draw, `layout` says where, `svg` draws, `text` writes Mermaid and DOT.

mod layers;
mod layout;
mod measure;
mod picture;
mod svg;
mod text;

use crate::flow::Flow;

/// A flow as a picture that stands for itself: SVG, light or dark as its viewer likes.
pub fn svg(flow: &Flow) -> String {
    let picture = picture::Picture::of(flow);
    svg::draw(&picture, &layout::layout(&picture))
}

/// A flow as Mermaid's text.
pub fn mermaid(flow: &Flow) -> String {
    text::mermaid(&picture::Picture::of(flow))
}

/// A flow as DOT, which Graphviz reads.
pub fn dot(flow: &Flow) -> String {
    text::dot(&picture::Picture::of(flow))
}
