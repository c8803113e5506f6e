//! One-line mistakes, one at a time, that the simulation must find: the five that every fault programme has to catch (design:
//! guarantees, section 4.2) and more of our own. Each is a switch in the model store or a thin layer around the real code.

/// A mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A late owner of a contact may write.
    NoFence,
    /// A delivery that comes again is a new one.
    NoDedupe,
    /// "Accepted" is answered before the commit.
    AnswerBeforeCommit,
    /// The request leaves before its intent is on disk.
    IntentAfterRequest,
    /// The mail is taken out of the mailbox before the turn is stored.
    MailGoneBeforeState,
    /// Timers fire five seconds before their time.
    TimersEarly,
    /// A timer that has fired stays open.
    TimersStay,
    /// The window is judged when the send is planned, not when it leaves.
    WindowAtPlanning,
    /// The next of a contact's line is not woken when the one before is settled.
    LineNotWoken,
    /// Two presses of one button count twice.
    DoubleTaps,
    /// The mailbox's head may go back.
    HeadGoesBack,
    /// A turn is stored without its sends.
    SendsForgotten,
    /// Several sends of one contact may be under way at once.
    NoLine,
    /// A doubtful send forgets that it is.
    DoubtForgotten,
    /// A pause that the provider asked for is not kept.
    PauseForgotten,
    /// An attempt that is not the newest settles its send.
    AttemptsForgotten,
    /// What proves that a send left is not remembered.
    ProofsForgotten,
    /// The worst place leaves first.
    PlacesForgotten,
    /// Nobody is told when the next lease ends or timer falls due.
    NextDueForgotten,
}

impl Bug {
    pub const ALL: [Bug; 19] = [
        Bug::NoFence,
        Bug::NoDedupe,
        Bug::AnswerBeforeCommit,
        Bug::IntentAfterRequest,
        Bug::MailGoneBeforeState,
        Bug::TimersEarly,
        Bug::TimersStay,
        Bug::WindowAtPlanning,
        Bug::LineNotWoken,
        Bug::DoubleTaps,
        Bug::HeadGoesBack,
        Bug::SendsForgotten,
        Bug::NoLine,
        Bug::DoubtForgotten,
        Bug::PauseForgotten,
        Bug::AttemptsForgotten,
        Bug::ProofsForgotten,
        Bug::PlacesForgotten,
        Bug::NextDueForgotten,
    ];
}
