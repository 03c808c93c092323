//! The table of keys is whole and means one thing.

use super::keymap::*;

#[test]
fn every_action_is_documented_and_bound() {
    use Action::*;
    // A new variant makes this match incomplete.
    let all = [
        Up,
        Down,
        PageUp,
        PageDown,
        Top,
        Bottom,
        Left,
        Right,
        Enter,
        NextFocus,
        PreviousFocus,
        Back,
        Open,
        Overview,
        Signatures,
        Attestations,
        Sbom,
        Image,
        Decision,
        Trace,
        Search,
        NextHit,
        PreviousHit,
        NextSbom,
        Arrange,
        ArrangeBy,
        Raw,
        Mark,
        Compare,
        Releases,
        Stop,
        CopyPurl,
        Export,
        Attachments,
        Pin,
        Write,
        CopyFlags,
        Retry,
        CheckAgain,
        Accept,
        Complete,
        QueryBefore,
        QueryAfter,
        DeleteWord,
        ClearField,
        Help,
        Quit,
        Interrupt,
    ];
    assert_eq!(all.len(), Interrupt as usize + 1, "the list above is complete");
    for action in all {
        let rows: Vec<_> = TABLE.iter().filter(|b| b.action == action).collect();
        assert!(!rows.is_empty(), "{action:?} has a key");
        for row in rows {
            assert!(!row.doc.is_empty() && !row.keys.is_empty() && !row.contexts.is_empty());
        }
    }
}

#[test]
fn no_key_means_two_things_in_one_context() {
    for context in Context::ALL {
        let keys: Vec<Key> = of(context).flat_map(|b| b.keys.iter().copied()).collect();
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[..i].contains(key), "{context:?} {}", key.words());
        }
    }
}
