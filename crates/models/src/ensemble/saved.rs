//! An ensemble as bytes, and what it remembers so that the next one can judge members it takes over.

use domain::{MODEL_COUNT, MemberRecord, ModelKind, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Blend, Ensemble, Member, Saved, Seated};
use crate::sealed::{self, Kind};
use crate::{ModelError, Sample};

/// How members scored decisions they had not seen, the oldest first: whoever takes a member over without
/// fitting it again has nothing else to weigh it by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    scored: Vec<(Key, [Option<f32>; MODEL_COUNT])>,
}

/// What to know a decision by, also in another run.
type Key = [u8; 8];

/// Chosen: twice as many as calibrate by steps, at 30 bytes each.
const REMEMBERED_MOST: usize = 5_000;

impl Remembered {
    /// What members scored of samples, of which the newest are kept.
    pub(crate) fn of<'a>(
        scored: impl DoubleEndedIterator<Item = (&'a Sample, [Option<f32>; MODEL_COUNT])>,
    ) -> Remembered {
        let kept = scored.rev().take(REMEMBERED_MOST).map(|(sample, scores)| (key(sample), scores));
        let mut scored: Vec<_> = kept.collect();
        scored.sort_unstable_by_key(|(key, _)| *key);
        Remembered { scored }
    }

    /// How a member scored a decision before.
    pub(crate) fn score(&self, sample: &Sample, kind: ModelKind) -> Option<f32> {
        let at = self.scored.binary_search_by_key(&key(sample), |(key, _)| *key).ok()?;
        self.scored[at].1[kind.at()]
    }

    fn makes_sense(&self) -> bool {
        let finite = |scores: &[Option<f32>; MODEL_COUNT]| {
            scores.iter().flatten().all(|score| score.is_finite())
        };
        self.scored.iter().all(|(_, scores)| finite(scores))
            && self.scored.is_sorted_by_key(|(key, _)| *key)
    }
}

fn key(sample: &Sample) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&sample.decision_no.to_le_bytes());
    hasher.update(&sample.decided_at.ms().to_le_bytes());
    hasher.update(&(sample.symbol.at() as u64).to_le_bytes());
    hasher.update(&[sample.side as u8]);
    let mut key = Key::default();
    key.copy_from_slice(&hasher.finalize().as_bytes()[..size_of::<Key>()]);
    key
}

/// What lies in the envelope; members are in envelopes of their own.
#[derive(Serialize, Deserialize)]
struct Body {
    version: u64,
    known_to: Timestamp,
    blend: Blend,
    members: Vec<(MemberRecord, Saved)>,
    remembered: Remembered,
}

impl Ensemble {
    /// The ensemble as bytes that [`Ensemble::load`] reads back to the bit. The registry knows it by their
    /// BLAKE3 hash.
    pub fn save(&self) -> Vec<u8> {
        let members = self.members.iter().flatten();
        let body = Body {
            version: self.version,
            known_to: self.known_to,
            blend: self.blend.clone(),
            members: members.map(|seated| (seated.record.clone(), seated.member.save())).collect(),
            remembered: self.remembered.clone(),
        };
        let body = postcard::to_stdvec(&body).expect("plain values always serialise");
        sealed::seal(Kind::Ensemble, &body)
    }

    /// Reads what [`Ensemble::save`] wrote; anything else is refused.
    pub fn load(bytes: &[u8]) -> Result<Ensemble, ModelError> {
        let body = sealed::open(bytes, Kind::Ensemble)?;
        let body: Body = match postcard::take_from_bytes(body) {
            Ok((body, [])) => body,
            _ => return Err(ModelError::Nonsense),
        };
        let mut members = [const { None }; MODEL_COUNT];
        for (record, saved) in body.members {
            let member = Member::load(record.kind, &saved)?;
            let seat = &mut members[record.kind.at()];
            if seat.is_some() || record.hash != saved.hash() {
                return Err(ModelError::Nonsense);
            }
            *seat = Some(Seated { member, record });
        }
        let ensemble = Ensemble {
            version: body.version,
            known_to: body.known_to,
            blend: body.blend,
            members,
            remembered: body.remembered,
        };
        if ensemble.makes_sense() { Ok(ensemble) } else { Err(ModelError::Nonsense) }
    }

    /// Who counts is there, and every number is one.
    fn makes_sense(&self) -> bool {
        let missing = |kind: &ModelKind| {
            let weighed = self.blend.weights[kind.at()] > 0.0;
            weighed
                && (self.members[kind.at()].is_none() || self.blend.sigmoids[kind.at()].is_none())
        };
        self.blend.makes_sense()
            && self.remembered.makes_sense()
            && !ModelKind::ALL.iter().any(missing)
    }
}
