//! A Helm chart: one row for every image that it names.

use super::{Key, Row};
use crate::{
    domain::chart::How,
    inspect::{CheckId, CheckKind, CheckState, Inspection},
    tui::{mark::Mark, text::shown, theme::Role},
};

pub(super) fn rows(seen: &Inspection) -> Vec<Row> {
    let id = CheckId { kind: CheckKind::Chart, subject: None };
    let Some(state) = seen.checks.get(&id) else { return vec![] };
    let row = |mark| Row::new(Key::Check(id.clone()), Some(mark), "chart");
    let mut rows = vec![Row::heading(""), Row::heading("Helm chart and the images it names")];
    match state {
        CheckState::Running { .. } => rows.push(row(Mark::Running).role(Role::Dim)),
        CheckState::Done { finding, .. } => {
            rows.push(row(finding.answer.into()).text(shown(&finding.summary)));
        }
    }
    let images = seen.chart().map(|chart| chart.images.as_slice()).unwrap_or_default();
    rows.extend(images.iter().enumerate().map(|(number, image)| {
        let (mark, role) = match image.how {
            How::Unresolvable => (Mark::Undecided, Role::Dim),
            How::Written | How::Derived => (Mark::NotYet, Role::Text),
        };
        let name = format!("  {}", image.how.word());
        Row::new(Key::ChartImage(number), Some(mark), name)
            .text(shown(&image.text))
            .right(shown(&image.at))
            .role(role)
    }));
    rows
}
