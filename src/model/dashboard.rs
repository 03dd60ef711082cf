//! Dashboards: what each widget shows, and what can be said of it.

use super::Of;

/// A page of figures: `dashboards/<id>.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dashboard {
    /// The file's name.
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    /// A query of launches that holds for all widgets; none stands for those of the branch with the most
    /// launches.
    pub launches: Option<String>,
    pub widgets: Vec<Widget>,
}

/// One figure of a dashboard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Widget {
    /// Its place in the list `widgets`.
    pub place: usize,
    pub kind: WidgetKind,
    /// Stands above what the data say.
    pub title: Option<String>,
    /// What `query` is put to, where the kind leaves a choice.
    pub of: Option<Of>,
    /// A query of what the kind counts.
    pub query: Option<String>,
    /// The id of a saved query, which holds beside `query`.
    pub saved: Option<String>,
    /// A query of launches, which holds beside the dashboard's.
    pub launches: Option<String>,
    /// A field of what is counted, as queries have it: `layer`, `field[component]`.
    pub by: Option<String>,
    pub metric: Option<Metric>,
    pub interval: Option<Interval>,
    /// How many launches, the newest: 1 to [`Widget::MOST_LAUNCHES`].
    pub last: Option<u64>,
    /// How many days back from now: 1 to [`Widget::MOST_DAYS`].
    pub days: Option<u64>,
    /// How many rows or groups: 1 to [`Widget::MOST_ROWS`]. The others are counted together.
    pub limit: Option<u64>,
    pub size: Option<Size>,
    /// Markdown.
    pub body: Option<String>,
}

impl Dashboard {
    /// Widgets of one dashboard that are read.
    pub const MOST_WIDGETS: usize = 60;
}

impl Widget {
    pub const MOST_LAUNCHES: u64 = 200;
    pub const MOST_DAYS: u64 = 3_660;
    pub const MOST_ROWS: u64 = 100;

    /// Returns what its query is put to; none where the kind takes no query.
    pub fn subject(&self) -> Option<Of> {
        let takes = self.kind.subjects();
        self.of
            .filter(|of| takes.contains(of))
            .or(takes.first().copied())
    }

    /// Returns the field that it groups by.
    pub fn grouping(&self) -> Option<&str> {
        let by = self.by.as_deref();
        by.or_else(|| self.kind.by(self.subject()))
    }

    /// Returns how wide it is.
    pub fn width(&self) -> Size {
        self.size.unwrap_or(self.kind.size())
    }

    /// Returns whether the file says something of an option.
    pub fn says(&self, option: WidgetOption) -> bool {
        match option {
            WidgetOption::Of => self.of.is_some(),
            WidgetOption::Query => self.query.is_some(),
            WidgetOption::Saved => self.saved.is_some(),
            WidgetOption::Launches => self.launches.is_some(),
            WidgetOption::By => self.by.is_some(),
            WidgetOption::Metric => self.metric.is_some(),
            WidgetOption::Interval => self.interval.is_some(),
            WidgetOption::Last => self.last.is_some(),
            WidgetOption::Days => self.days.is_some(),
            WidgetOption::Limit => self.limit.is_some(),
            WidgetOption::Body => self.body.is_some(),
        }
    }
}

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$default:meta])? $variant:ident $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Default)]
        pub enum $name { $($(#[$default])? $variant,)+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the word for it in files.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

words! {
    /// What a widget shows.
    WidgetKind {
        LaunchList "launch_list",
        LastLaunch "last_launch",
        LaunchTrend "launch_trend",
        StatisticTrend "statistic_trend",
        AutomationTrend "automation_trend",
        Metric "metric",
        DurationTrend "duration_trend",
        MuteTrend "mute_trend",
        Transitions "transitions",
        Growth "growth",
        Pie "pie",
        TreeMap "tree_map",
        Pyramid "pyramid",
        Durations "durations",
        AgePyramid "age_pyramid",
        Stability "stability",
        HeatMap "heat_map",
        TopCases "top_cases",
        Owners "owners",
        Defects "defects",
        Coverage "coverage",
        #[default]
        Markdown "markdown",
    }
}

words! {
    /// What a widget may be told, beside its title and its size.
    WidgetOption {
        #[default]
        Of "of",
        Query "query",
        Saved "saved",
        Launches "launches",
        By "by",
        Metric "metric",
        Interval "interval",
        Last "last",
        Days "days",
        Limit "limit",
        Body "body",
    }
}

words! {
    /// A number of a launch, or of a test over launches.
    Metric {
        #[default]
        PassRate "pass_rate",
        FlipRate "flip_rate",
        Passed "passed",
        Failed "failed",
        Broken "broken",
        Skipped "skipped",
        Unknown "unknown",
        Unresolved "unresolved",
        Muted "muted",
        Flaky "flaky",
        Retries "retries",
        Total "total",
        Duration "duration",
    }
}

words! {
    /// How long a step of a time axis is, in UTC; weeks begin on Monday.
    Interval {
        Day "day",
        #[default]
        Week "week",
        Month "month",
    }
}

words! {
    /// A width on a grid of twelve columns. Figures keep their height, so that width is all there is to
    /// choose. Where the window is narrower than a half needs, `small` and `third` stand two in a row
    /// and all others alone; on a phone each stands alone.
    Size {
        Small "small",
        Third "third",
        #[default]
        Half "half",
        Wide "wide",
        Full "full",
    }
}

impl Size {
    /// Returns how many of the twelve columns it takes.
    pub fn columns(self) -> u8 {
        match self {
            Self::Small => 3,
            Self::Third => 4,
            Self::Half => 6,
            Self::Wide => 8,
            Self::Full => 12,
        }
    }
}

impl WidgetKind {
    /// Says what it shows, for the table of kinds.
    pub fn shows(self) -> &'static str {
        match self {
            Self::LaunchList => "the newest launches, each with the shares of its statuses",
            Self::LastLaunch => "the statuses of the newest launch, as a ring",
            Self::LaunchTrend => "the statuses of each launch",
            Self::StatisticTrend => "the statuses of all results of each day, week or month",
            Self::AutomationTrend => {
                "results executed by hand and by machines in each day, week or month, and how long both took"
            }
            Self::Metric => "one number over launches",
            Self::DurationTrend => {
                "how long each launch took from its first start to its last end, and its results added up"
            }
            Self::MuteTrend => "muted results of each launch",
            Self::Transitions => "tests fixed, regressed and malfunctioned in each launch",
            Self::Growth => "tests that came and that went with each launch",
            Self::Pie => "shares of the values of a field",
            Self::TreeMap => {
                "areas as large as the number of cases or results, coloured by how they last ended"
            }
            Self::Pyramid => "per layer: results of the newest launch, and how many of them passed",
            Self::Durations => "how many results of the newest launch took how long",
            Self::AgePyramid => {
                "for how many launches the failures of the newest have been failing"
            }
            Self::Stability => "per value of a field: tests that did not flip lately, of all",
            Self::HeatMap => {
                "cases × launches: how each ended in each, those that failed most first"
            }
            Self::TopCases => "the slowest cases, or those with the lowest or highest rate",
            Self::Owners => "per owner: cases, those that fail, and unresolved failures",
            Self::Defects => {
                "open defects, those that recur first, and how many failures each explains"
            }
            Self::Coverage => "requirements by how they stand",
            Self::Markdown => "a text",
        }
    }

    /// Returns what its query may be put to, first what it is without `of`; nothing where it takes none.
    pub fn subjects(self) -> &'static [Of] {
        match self {
            Self::LaunchList | Self::LaunchTrend | Self::Coverage | Self::Markdown => &[],
            Self::Pie => &[Of::Cases, Of::Results, Of::Launches, Of::Defects, Of::Mutes],
            Self::TreeMap => &[Of::Cases, Of::Results],
            Self::Stability | Self::HeatMap | Self::TopCases | Self::Owners => &[Of::Cases],
            Self::Defects => &[Of::Defects],
            _ => &[Of::Results],
        }
    }

    /// Returns the options that it takes.
    pub fn takes(self) -> Vec<WidgetOption> {
        use WidgetOption as O;
        let mut out = Vec::new();
        match self.subjects() {
            [] => {}
            [_] => out.extend([O::Query, O::Saved]),
            _ => out.extend([O::Of, O::Query, O::Saved]),
        }
        out.extend_from_slice(match self {
            Self::LaunchList
            | Self::LaunchTrend
            | Self::DurationTrend
            | Self::MuteTrend
            | Self::Transitions
            | Self::Growth => &[O::Launches, O::Last],
            Self::StatisticTrend | Self::AutomationTrend => &[O::Launches, O::Interval, O::Days],
            Self::Metric => &[O::Launches, O::Metric, O::Last],
            Self::LastLaunch | Self::AgePyramid => &[O::Launches],
            Self::Pie | Self::TreeMap | Self::Pyramid | Self::Durations => {
                &[O::Launches, O::By, O::Limit]
            }
            Self::Stability => &[O::Launches, O::By, O::Last, O::Limit],
            Self::HeatMap => &[O::Launches, O::Last, O::Limit],
            Self::TopCases => &[O::Launches, O::Metric, O::Last, O::Limit],
            Self::Owners => &[O::Launches, O::Limit],
            Self::Defects => &[O::Launches, O::Limit],
            Self::Coverage => &[],
            Self::Markdown => &[O::Body],
        });
        out
    }

    /// Returns the options that it can't do without.
    pub fn needs(self) -> &'static [WidgetOption] {
        match self {
            Self::Metric | Self::TopCases => &[WidgetOption::Metric],
            Self::Pie => &[WidgetOption::By],
            Self::Markdown => &[WidgetOption::Body],
            _ => &[],
        }
    }

    /// Returns the metrics that it knows.
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Self::Metric => Metric::ALL,
            Self::TopCases => &[
                Metric::Duration,
                Metric::FlipRate,
                Metric::PassRate,
                Metric::Failed,
            ],
            _ => &[],
        }
    }

    /// Returns the field of what it counts that it groups by where `by` names none.
    pub fn by(self, of: Option<Of>) -> Option<&'static str> {
        match self {
            Self::TreeMap if of == Some(Of::Results) => Some("suite"),
            Self::TreeMap | Self::Stability => Some("section"),
            Self::Pyramid | Self::Durations => Some("layer"),
            _ => None,
        }
    }

    /// Returns how wide it is where `size` says nothing.
    pub fn size(self) -> Size {
        match self {
            Self::LastLaunch | Self::Pie | Self::Coverage | Self::AgePyramid => Size::Third,
            Self::LaunchList | Self::HeatMap | Self::TreeMap | Self::Markdown => Size::Full,
            Self::LaunchTrend | Self::StatisticTrend => Size::Wide,
            _ => Size::Half,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kind_needs_and_groups_by_it_takes() {
        for kind in WidgetKind::ALL {
            let takes = kind.takes();
            let has = |option| takes.contains(&option);
            assert!(kind.needs().iter().all(|option| has(*option)), "{kind:?}");
            assert_eq!(
                !kind.metrics().is_empty(),
                has(WidgetOption::Metric),
                "{kind:?}"
            );
            let of = kind.subjects().first().copied();
            assert!(kind.by(of).is_none() || has(WidgetOption::By), "{kind:?}");
            assert_eq!(
                !kind.subjects().is_empty(),
                has(WidgetOption::Query),
                "{kind:?}"
            );
            assert!(
                !has(WidgetOption::By) || has(WidgetOption::Query),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn a_widget_that_leaves_it_open_has_the_subject_of_its_kind() {
        let widget = |kind, of| Widget {
            kind,
            of,
            ..Widget::default()
        };
        for (kind, of, subject) in [
            (WidgetKind::Pie, None, Some(Of::Cases)),
            (WidgetKind::Pie, Some(Of::Mutes), Some(Of::Mutes)),
            (WidgetKind::TreeMap, Some(Of::Mutes), Some(Of::Cases)),
            (WidgetKind::Coverage, Some(Of::Cases), None),
        ] {
            assert_eq!(widget(kind, of).subject(), subject, "{kind:?}");
        }
    }

    #[test]
    fn two_halves_fill_a_row() {
        assert_eq!(Size::Half.columns() * 2, Size::Full.columns());
        assert_eq!(
            Size::Third.columns() + Size::Wide.columns(),
            Size::Full.columns()
        );
    }
}
