//! The command line: what may be said.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

mod learning;
mod models;

pub use learning::{DbCommand, JobsCommand, LearnCommand, OnOff};
pub use models::{
    BenchCommand, BoostArgs, BoostName, ForecastArgs, ForecastName, ModelsCommand, TrainArgs,
};

/// A trading engine that learns from every trade it made and every trade it declined.
#[derive(Debug, Parser)]
#[command(name = "hindsight", version, about, max_term_width = 100)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// Configuration file; `hindsight.toml` in the working folder if there is one.
    #[arg(long, global = true, env = "HINDSIGHT_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where runs are remembered: sqlite://PATH.
    #[arg(long, global = true, value_name = "URL")]
    pub store: Option<String>,
    /// Understand the variables of the seed documents' deployments, and print what they become.
    #[arg(long, global = true)]
    pub seed_env: bool,
    /// Print one JSON document on stdout and nothing else there.
    #[arg(long, global = true)]
    pub json: bool,
    /// Say more, on stderr: what was read, which rules are in force.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Say only what was asked for.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replay the bundled real bars through the whole loop and write report.html.
    Demo(DemoArgs),
    /// The loop over history, learning switched on.
    Replay(ReplayArgs),
    /// What the store holds: every finished run, newest first.
    Runs,
    /// One decision whole: features, votes, verdicts, size steps, order, fills, outcome, what it taught.
    Explain {
        /// The decision's id, as reports and exports show it.
        decision: String,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// What was learned, from what, with which evidence; take it back.
    #[command(subcommand)]
    Learn(LearnCommand),
    /// Trained models: their versions, the plan, training, deploying and going back; benchmark sets.
    #[command(subcommand)]
    Models(ModelsCommand),
    /// The schedule: what ran when, what is due next; run one by hand.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// How much a run may do from now on; it stands until the next order, also after a restart.
    Control {
        /// How much.
        #[arg(value_enum)]
        what: ControlName,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
        /// The run is not finished, and nobody feeds it any more.
        #[arg(long)]
        unfed: bool,
    },
    /// Write decisions, trades or outcomes to a Parquet or CSV file, or all that the seeds' users read.
    Export(ExportArgs),
    /// Bring along history from elsewhere: the seeds' files, trades as CSV or of freqtrade. Learners may
    /// weigh it; it counts as no run's evidence.
    Import(ImportArgs),
    /// The store: check it, bring it up to date, copy it out and back.
    #[command(subcommand)]
    Db(DbCommand),
    /// Bars: check, import, list.
    #[command(subcommand)]
    Data(DataCommand),
    /// Print the effective configuration, a comment to each key.
    Config,
    /// Print shell completions.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// `demo`.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Folder for report and store, made afresh.
    #[arg(long, default_value = "hindsight-demo", value_name = "DIR")]
    pub out: PathBuf,
    /// How the replay is done.
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// How a replay is done.
#[derive(Args, Debug, Clone, Default)]
pub struct RuleArgs {
    /// Seed of every draw.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// What learners follow.
    #[arg(long, value_enum)]
    pub rule: Option<RuleName>,
    /// Models that are trained and vote through the ninth head: all, none, or a list of xgboost, lightgbm,
    /// nhits, patchtst; those of the configuration unless given, and in the demo all, trained once a week.
    #[arg(long, value_delimiter = ',', value_name = "all|none|LIST")]
    pub models: Vec<String>,
    /// Threads for reading files and for training; as many as there are processors unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

/// The two rules.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RuleName {
    /// What the evidence supports.
    Evidence,
    /// The seed documents to the letter.
    Seed,
}

impl RuleName {
    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            RuleName::Evidence => "evidence",
            RuleName::Seed => "seed",
        }
    }
}

/// Which bars.
#[derive(Args, Debug, Clone, Default)]
pub struct BarArgs {
    /// Only these symbols; a single one also names a file whose name does not.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub symbols: Vec<String>,
    /// Only this interval: 1m, 15m, 1h, 1d.
    #[arg(long, value_name = "INTERVAL")]
    pub interval: Option<String>,
    /// From this day or moment on, UTC: 2024-01-31 or RFC 3339.
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Before this day or moment, UTC.
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Stop at the first bad row instead of leaving it out.
    #[arg(long)]
    pub strict: bool,
}

/// `replay`.
#[derive(Args, Debug)]
pub struct ReplayArgs {
    /// Parquet, CSV or CSV.gz files, or folders of them.
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    pub data: Vec<PathBuf>,
    /// Funding, open interest, long/short, fear and greed, headlines: files or folders. Those beside the
    /// bars are read too.
    #[arg(long, num_args = 1.., value_name = "PATH")]
    pub series: Vec<PathBuf>,
    /// Which bars of them.
    #[command(flatten)]
    pub bars: BarArgs,
    /// How it is done.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Start from the head weights in force in an earlier run of this store.
    #[arg(long, value_name = "RUN")]
    pub policy: Option<String>,
    /// Folder for report.html; none is written unless given.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `control`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ControlName {
    /// No new positions; those held go on under their exits.
    Pause,
    /// No new positions; the stops of those held follow closer.
    ReduceOnly,
    /// No new positions; those held are closed at the next price.
    Kill,
    /// Everything again.
    Resume,
}

impl ControlName {
    /// As the engine hears it.
    pub const fn control(self) -> domain::Control {
        match self {
            ControlName::Pause => domain::Control::Pause,
            ControlName::ReduceOnly => domain::Control::ReduceOnly,
            ControlName::Kill => domain::Control::Kill,
            ControlName::Resume => domain::Control::Run,
        }
    }
}

/// `export`.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// What.
    #[arg(value_enum)]
    pub what: ExportWhat,
    /// The file, .csv or .parquet, or a folder for a Parquet file.
    #[arg(long, value_name = "FILE|DIR")]
    pub to: PathBuf,
    /// Which run; the newest unless given.
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
}

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportWhat {
    /// Every decision with its outcome.
    Decisions,
    /// Closed positions.
    Trades,
    /// How decisions turned out.
    Outcomes,
    /// Executions.
    Fills,
    /// Every published version of the policy.
    Policy,
    /// The files that the seed documents' users read, under their names, in a folder.
    Seeds,
}

/// `import`.
#[derive(Args, Debug)]
pub struct ImportArgs {
    /// Files, or folders of the seeds' files; what a file holds is told by its name, or by --kind.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What the files hold, where their names do not tell: trades, signals, signal_outcomes and so on.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Where it comes from, for lists; the file's name unless given.
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
}

/// `data`.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Verify bars: rows turned away with their reasons, and bars missing inside sessions.
    Check {
        /// Files or folders.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Which bars of them.
        #[command(flatten)]
        bars: BarArgs,
    },
    /// Write bars as SYMBOL-INTERVAL.parquet, filling what a file of that name lacks.
    Import {
        /// Files or folders; recorded order books become bars of --interval.
        #[arg(required_unless_present = "data", value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// The same, as replay writes it.
        #[arg(long, num_args = 1.., value_name = "PATH")]
        data: Vec<PathBuf>,
        /// Folder to write to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Which bars of them.
        #[command(flatten)]
        bars: BarArgs,
    },
    /// Fetch bars of Binance's public archive and write them as SYMBOL-INTERVAL.parquet.
    Download(DownloadArgs),
    /// What lies in files or folders.
    List {
        /// Files or folders.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Which bars of them.
        #[command(flatten)]
        bars: BarArgs,
    },
}

/// `data download`.
#[derive(Args, Debug)]
pub struct DownloadArgs {
    /// The symbols, as the exchange writes them.
    #[arg(long, required = true, value_delimiter = ',', value_name = "A,B")]
    pub symbols: Vec<String>,
    /// The length of a bar: 1m, 15m, 1h, 1d.
    #[arg(long, default_value = "1h", value_name = "INTERVAL")]
    pub interval: String,
    /// From this day or moment on, UTC.
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// Before this day or moment, UTC; the present unless given. A day is in the archive once it is over.
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Spot, or perpetuals settled in dollars.
    #[arg(long, value_enum, default_value = "spot")]
    pub market: MarketName,
    /// Funding rates too, as SYMBOL-funding.parquet (perpetuals only).
    #[arg(long)]
    pub funding: bool,
    /// Folder to write to; the archive's own files are kept in its subfolder `archives`.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Where the archive lies.
    #[arg(long, default_value = "https://data.binance.vision", value_name = "URL")]
    pub base_url: String,
}

/// Which part of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MarketName {
    /// Coins for coins.
    Spot,
    /// Perpetuals settled in dollars.
    Usdm,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
