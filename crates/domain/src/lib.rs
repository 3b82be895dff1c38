//! The words of the house: what every room may speak of, and nothing that it does.
//!
//! One word per idea, used alike in code, schema, reports and talk:
//!
//! | word | meaning |
//! |---|---|
//! | regime, climate | what kind of market it is; the symbol's, everyone's, and the frame it is seen on |
//! | reading, series | funding, open interest, moods: one value; all of one kind |
//! | standing order | what restricts trading now; it can only restrict |
//! | bar | prices and volume of one symbol over one interval, checked at the door |
//! | feature, row | a number computed from closed bars; all of them at one moment |
//! | head, vote | one of nine opinions; its side and confidence, or an abstention |
//! | consensus, signal | the weighted vote; what it says for one candidate |
//! | candidate, decision | a chance to trade; what was done about it, executed or declined |
//! | gate, verdict | a question every candidate is asked; the answer with its numbers |
//! | order, fill, position, trade | intent, execution, holding, and the holding once closed |
//! | shadow | a declined decision followed under the same exits and laws |
//! | outcome | how a decision turned out, executed or declined |
//! | component, lean | an input of fusion that is scored on its own; which way and how strongly |
//! | what-if | the same entry under another exit plan |
//! | job, phase, cycle | what runs by the clock; a part of the night; when a learner is asked |
//! | trial | one cell of a search, counted |
//! | learner, amendment, governor | hears outcomes; what it would change; who alone may change |
//! | policy, version | everything learnable, as one immutable value with a number |
//! | model, version, registry | something trained that expects; one state of it; all that are kept |
//! | training, trigger, plan | fitting models anew; why; what is to be trained and how soon |
//! | champion, challenger, former | the version in charge; the newest; the one before |
//! | seat, stage | who is asked beside a decision; how far a version has come |
//! | ruling, grounds, lineage | what was decided on a version; its numbers; all of them in order |
//! | fast layer | what completed trades teach between trainings |
//! | event, effect | what the engine hears; what it wants done or recorded |
//! | world, venue, run | replay, paper or live; where orders go; one history |

mod bar;
mod calendar;
mod decision;
mod effect;
mod event;
mod id;
mod instrument;
mod job;
mod lesson;
mod model;
mod order;
mod outcome;
mod policy;
mod position;
mod reading;
mod regime;
mod run;
mod strikes;
mod time;
mod training;
mod vote;
mod zone;

pub use bar::{BadBar, Bar, RawBar};
pub use calendar::Calendar;
pub use decision::{
    Decision, ExitPlan, GATES_MAX, PartialExit, SIZERS_MAX, Signal, Sizing, SizingLimit, Standing,
    StrategyIx, Trail, Verdict, Verdicts,
};
pub use effect::{Effects, EquityPoint, Gap, Refused};
pub use event::{Command, Control, Event, Relearned, TimedBar};
pub use id::{DecisionId, OrderId, draw, name_hash};
pub use instrument::{
    Grid, Instrument, InstrumentKind, Margin, Money, Price, Quantity, SymbolIx, decimal, estimate,
};
pub use job::{Cycle, Finding, Job, JobRun, Phase, RunBy, Trial};
pub use lesson::{
    Basis, COMPONENT_NAMES, COMPONENTS_MAX, HorizonLesson, Leans, Marks, WhatIf, WhatIfOutcome,
    component_at,
};
pub use model::{
    Chances, FastLayer, MODEL_COUNT, Model, ModelKind, Modelled, Opinion, Row, SEAT_COUNT, Seat,
    View, WINDOW_BARS,
};
pub use order::{
    Fill, FundingPaid, Instruction, Leg, OrderNews, OrderRequest, OrderState, Protection, VenueNews,
};
pub use outcome::{
    ExitReason, HORIZON_COUNT, HORIZONS, Horizon, HorizonOutcome, Outcome, PilClass,
};
pub use policy::{
    Amendment, CONVICTION_LEVELS, Calibration, Change, Combo, Condition, DailyRule,
    EDGE_LEVEL_ENDS, EDGE_LEVELS, Effect, Evidence, ExitFactors, GatePolicy, HeadEvidence,
    Occurrence, Pin, PinnedValue, Policy, PolicyVersion, Reason, Route, Silence, SilencedBy,
    SliceRule, Threshold, Throttle, conviction_level, edge_level,
};
pub use position::{Position, PositionStage, Trade};
pub use reading::{Reading, Series};
pub use regime::{Climate, ExitMode, Regime, Restriction, StandingOrder};
pub use run::{RunHeader, RunId, World};
pub use strikes::Strikes;
pub use time::{Interval, Timestamp};
pub use training::{
    Grounds, MemberRecord, ModelNews, ModelRecord, PlannedTraining, Priority, Rows, RulingRecord,
    Stage, Trained, Training, Trigger,
};
pub use vote::{HEAD_COUNT, HeadName, Side, Vote, Votes};
pub use zone::{Zone, weekday};
