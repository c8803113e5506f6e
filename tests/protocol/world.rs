//! What may happen, and what it does.

use super::rules::{Attempt, Bounds, Host, Lease, Rules, Step, Stored, Turn, Waiting, World};

impl World {
    /// Nothing has happened yet.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            store: Stored::default(),
            hosts: Default::default(),
            heard: Vec::new(),
            delivered: vec![0; bounds.messages.into()],
            deaths: 0,
            early: 0,
            failures: 0,
            fenced: false,
        }
    }

    /// Everything that may happen now.
    pub fn possible(&self, rules: Rules, bounds: Bounds) -> Vec<Step> {
        let mut steps = self.work(rules, bounds);
        for message in 0..bounds.messages {
            // The first delivery of each is work; here are the doubles.
            if (1..bounds.deliveries).contains(&self.delivered[usize::from(message)]) {
                steps.push(Step::Deliver(message));
            }
        }
        if self.early < bounds.early {
            steps.extend((self.store.lease == Lease::Held && self.turn_lives()).then_some(Step::LeaseEnds));
            steps.extend(self.sends_where(|send| send.lease == Lease::Held && self.attempt_lives(send)).map(Step::SendLeaseEnds));
        }
        if self.failures < bounds.failures {
            let unsent = self.hosts.iter().enumerate().filter(|(_, host)| host.attempt.is_some_and(|attempt| !attempt.left));
            steps.extend(unsent.map(|(host, _)| Step::PutBack(host)));
        }
        if self.deaths < bounds.deaths {
            let alive = self.hosts.iter().take(bounds.hosts).enumerate().filter(|(_, host)| **host != Host::default());
            steps.extend(alive.map(|(host, _)| Step::Die(host)));
        }
        steps
    }

    /// What happens by itself as long as something is left to do. Leases of the dead are among it: their time passes.
    pub fn work(&self, rules: Rules, bounds: Bounds) -> Vec<Step> {
        let mut steps = Vec::new();
        // One after the other: what order they come in is the provider's business.
        steps.extend((0..bounds.messages).find(|message| self.delivered[usize::from(*message)] == 0).map(Step::Deliver));
        for (number, host) in self.hosts.iter().take(bounds.hosts).enumerate() {
            match &host.turn {
                Some(_) => steps.push(Step::Commit(number)),
                None if self.store.lease != Lease::Held && self.store.head < self.store.mail.len() => {
                    steps.push(Step::Claim(number))
                }
                None => {}
            }
            match host.attempt {
                Some(attempt) if attempt.left => steps.push(Step::Settle(number)),
                Some(_) => steps.push(Step::Request(number)),
                None => {
                    let first = if rules.line { 1 } else { usize::MAX };
                    let due = self.sends_where(|send| send.lease != Lease::Held).take_while(|place| *place < first);
                    steps.extend(due.map(|place| Step::ClaimSend(number, place)));
                }
            }
        }
        steps.extend((self.store.lease == Lease::Held && !self.turn_lives()).then_some(Step::LeaseEnds));
        steps.extend(self.sends_where(|send| send.lease == Lease::Held && !self.attempt_lives(send)).map(Step::SendLeaseEnds));
        steps
    }

    fn sends_where<'a>(&'a self, wanted: impl Fn(&Waiting) -> bool + 'a) -> impl Iterator<Item = usize> + 'a {
        self.store.line.iter().enumerate().filter(move |(_, send)| wanted(send)).map(|(place, _)| place)
    }

    fn turn_lives(&self) -> bool {
        self.hosts.iter().any(|host| host.turn.as_ref().is_some_and(|turn| turn.epoch == self.store.epoch))
    }

    fn attempt_lives(&self, send: &Waiting) -> bool {
        self.hosts.iter().any(|host| host.attempt.is_some_and(|attempt| is_of(&attempt, send)))
    }

    /// Does it.
    pub fn take(&mut self, step: Step, rules: Rules) {
        match step {
            Step::Deliver(message) => self.deliver(message, rules),
            Step::Claim(host) => self.claim(host),
            Step::Commit(host) => self.commit(host, rules),
            Step::LeaseEnds => {
                self.early += u8::from(self.turn_lives());
                self.store.lease = Lease::Over;
            }
            Step::ClaimSend(host, place) => self.claim_send(host, place, rules),
            Step::Request(host) => self.request(host, rules),
            Step::Settle(host) => self.settle(host, rules, true),
            Step::PutBack(host) => {
                self.failures += 1;
                self.settle(host, rules, false);
            }
            Step::SendLeaseEnds(place) => {
                let send = self.store.line[place];
                self.early += u8::from(self.attempt_lives(&send));
                self.store.line[place].lease = Lease::Over;
                let attempts = self.hosts.iter_mut().filter_map(|host| host.attempt.as_mut());
                attempts.filter(|attempt| is_of(attempt, &send)).for_each(|attempt| attempt.late = true);
            }
            Step::Die(host) => {
                self.hosts[host] = Host::default();
                self.deaths += 1;
            }
        }
    }

    fn deliver(&mut self, message: u8, rules: Rules) {
        self.delivered[usize::from(message)] += 1;
        if !rules.dedupe || !self.store.mail.contains(&message) {
            self.store.mail.push(message);
        }
    }

    fn claim(&mut self, host: usize) {
        let store = &mut self.store;
        store.epoch += 1;
        store.lease = Lease::Held;
        let sends = store.mail[store.head..].to_vec();
        let state = [store.state.clone(), sends.clone()].concat();
        self.hosts[host].turn = Some(Turn { epoch: store.epoch, state, head: store.mail.len(), sends, half: false });
    }

    fn commit(&mut self, host: usize, rules: Rules) {
        let Some(mut turn) = self.hosts[host].turn.take() else { return };
        if rules.fence && (turn.epoch != self.store.epoch || self.store.lease == Lease::Free) {
            self.fenced = true;
            return;
        }
        self.store.head = turn.head;
        if !rules.together && !turn.half {
            turn.half = true;
            self.hosts[host].turn = Some(turn);
            return;
        }
        self.store.state = turn.state;
        self.store.line.extend(turn.sends.into_iter().map(|to| Waiting { to, attempt: 0, lease: Lease::Free }));
        self.store.lease = Lease::Free;
    }

    fn claim_send(&mut self, host: usize, place: usize, rules: Rules) {
        let send = &mut self.store.line[place];
        if send.lease == Lease::Over {
            self.store.doubted.push(send.to);
        }
        send.attempt += 1;
        send.lease = if rules.intent_first { Lease::Held } else { Lease::Free };
        self.hosts[host].attempt = Some(Attempt { to: send.to, number: send.attempt, left: false, late: false });
    }

    fn request(&mut self, host: usize, rules: Rules) {
        let Some(attempt) = &mut self.hosts[host].attempt else { return };
        attempt.left = true;
        self.heard.push(attempt.to);
        let intent = self.store.line.iter_mut().find(|send| is_of(attempt, send));
        if let Some(send) = intent.filter(|_| !rules.intent_first) {
            send.lease = Lease::Held;
        }
    }

    fn settle(&mut self, host: usize, rules: Rules, sent: bool) {
        let Some(attempt) = self.hosts[host].attempt.take() else { return };
        let its = |send: &Waiting| send.to == attempt.to && (send.attempt == attempt.number || !rules.newest_settles);
        let Some(place) = self.store.line.iter().position(its) else { return };
        if sent {
            self.store.line.remove(place);
            self.store.settled.push(attempt.to);
        } else {
            self.store.line[place].lease = Lease::Free;
        }
    }
}

/// Whether this is the send's newest attempt.
fn is_of(attempt: &Attempt, send: &Waiting) -> bool {
    attempt.to == send.to && attempt.number == send.attempt
}
