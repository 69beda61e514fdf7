use super::*;

const START: Millis = Millis(100_000);

fn facts(status: &SessionStatus) -> Facts<'_> {
    Facts { status, held: false, expires_in: Some(3_600_000) }
}

fn at(timing: &Timing, now: Millis, facts: &Facts<'_>) -> (Priority, u64) {
    let due = timing.due(now, facts).unwrap();
    (due.priority, due.at.since(START).0)
}

#[test]
fn the_interval_depends_on_the_status() {
    let mut timing = Timing::new(START);
    timing.ask(START, false);
    for (status, interval) in [
        (SessionStatus::Created, 700),
        (SessionStatus::Ready, 4_000),
        (SessionStatus::Running, 2_000),
        (SessionStatus::Unknown("NEW".into()), 2_000),
    ] {
        assert_eq!(at(&timing, START, &facts(&status)), (Priority::Watched, interval), "{status}");
    }
    let later = START + YOUNG;
    assert_eq!(at(&timing, later, &facts(&SessionStatus::Created)), (Priority::Watched, 2_000));
}

#[test]
fn an_unwatched_session_is_refreshed_once_a_minute() {
    let mut timing = Timing::new(START);
    timing.ask(START, false);
    let later = START + WATCHED_FOR;
    assert_eq!(at(&timing, later, &facts(&SessionStatus::Running)), (Priority::Rest, 60_000));
    let held = Facts { held: true, ..facts(&SessionStatus::Running) };
    assert_eq!(at(&timing, later, &held), (Priority::Watched, 2_000));
    timing.ask(later, false);
    timing.close();
    assert_eq!(at(&timing, later, &facts(&SessionStatus::Running)), (Priority::Rest, 60_000));
}

#[test]
fn a_fresh_request_goes_first_and_counts_once_in_three_seconds() {
    let mut timing = Timing::new(START);
    timing.ask(START, true);
    let due = timing.due(START, &facts(&SessionStatus::Running)).unwrap();
    assert_eq!((due.rank, due.at), (0, START));
    timing.start(START);
    timing.finish(START, Outcome::Answered, 0);
    timing.ask(START + Millis(2_999), true);
    assert_eq!(timing.due(START, &facts(&SessionStatus::Running)).unwrap().rank, 1);
    timing.ask(START + Millis(3_000), true);
    assert_eq!(timing.due(START, &facts(&SessionStatus::Running)).unwrap().rank, 0);
}

#[test]
fn a_webhook_is_confirmed_immediately_then_every_ten_seconds() {
    let mut timing = Timing::new(START);
    timing.confirm();
    assert_eq!(timing.due(START, &facts(&SessionStatus::Running)).unwrap().priority, Priority::Confirm);
    timing.start(START);
    timing.confirm();
    timing.finish(START, Outcome::Answered, 0);
    assert_eq!(at(&timing, START, &facts(&SessionStatus::Running)), (Priority::Confirm, 10_000));
}

#[test]
fn a_failed_confirmation_stays_due() {
    let mut timing = Timing::new(START);
    timing.confirm();
    timing.start(START);
    assert!(timing.is_confirming() && timing.due(START, &facts(&SessionStatus::Running)).is_none());
    timing.finish(START, Outcome::Failed, u64::MAX);
    let due = timing.due(START, &facts(&SessionStatus::Running)).unwrap();
    assert_eq!(due.priority, Priority::Confirm);
    assert!(due.at > START);
}

#[test]
fn failures_back_off_up_to_a_limit() {
    let mut timing = Timing::new(START);
    timing.ask(START, false);
    for _ in 0..10 {
        timing.start(START);
        timing.finish(START, Outcome::Failed, 29_999);
    }
    assert_eq!(at(&timing, START, &facts(&SessionStatus::Running)), (Priority::Watched, 30_499));
    timing.start(START);
    timing.finish(START, Outcome::Answered, 0);
    assert_eq!(at(&timing, START, &facts(&SessionStatus::Running)), (Priority::Watched, 2_000));
}

#[test]
fn a_changed_list_item_makes_the_session_due_immediately() {
    let mut timing = Timing::new(START);
    timing.ask(START, false);
    let status = SessionStatus::Ready;
    let may = |timing: &Timing, now: Millis| timing.may_be_listed(now, &facts(&status));
    assert!(
        !may(&timing, START + Millis(1_999)) && may(&timing, START + Millis(2_000)),
        "two seconds before it is due"
    );
    let now = START + Millis(3_000);
    timing.look_up();
    assert!(timing.due(now, &facts(&status)).is_none() && !may(&timing, now), "a request is in flight");
    timing.listed(now, false);
    assert_eq!(at(&timing, now, &facts(&status)), (Priority::Watched, 7_000), "as after an individual request");
    timing.look_up();
    timing.listed(now + Millis(4_000), true);
    let due = timing.due(now, &facts(&status)).unwrap();
    assert_eq!((due.priority, due.rank, due.at), (Priority::Watched, 0, now + Millis(4_000)));
    assert!(!may(&timing, now + Millis(4_000)), "the list cannot show more");
    timing.start(now + Millis(4_000));
    timing.finish(now + Millis(4_100), Outcome::Answered, 0);
    assert_eq!(timing.due(now, &facts(&status)).unwrap().rank, 1);
}

#[test]
fn sessions_that_need_an_individual_request_are_not_looked_up() {
    let status = SessionStatus::Running;
    let now = START + Millis::from_secs(10);
    let watched = || {
        let mut timing = Timing::new(START);
        timing.ask(START, false);
        timing
    };
    assert!(watched().may_be_listed(now, &facts(&status)));
    for (what, change) in [
        ("a user who returned", (|timing, now| timing.ask(now, true)) as fn(&mut Timing, Millis)),
        ("a webhook", |timing, _| timing.confirm()),
        ("a failed request", |timing, now| {
            timing.start(now);
            timing.finish(now, Outcome::Failed, 0);
        }),
        ("a session missing from the list", |timing, now| timing.not_listed(now)),
    ] {
        let mut timing = watched();
        change(&mut timing, now);
        assert!(!timing.may_be_listed(now + Millis::from_secs(20), &facts(&status)), "{what}");
    }
    assert!(!watched().may_be_listed(START + BY_ITSELF, &facts(&status)), "each is fetched individually once a minute");
    let mut loaded = Timing::loaded(START, START);
    loaded.ask(START, false);
    assert!(!loaded.may_be_listed(now, &facts(&status)), "a session not yet fetched since startup is not looked up");
    let mut gone = watched();
    gone.not_listed(now);
    assert!(gone.due(now, &facts(&status)).unwrap().at <= now, "it is due as before");
}

#[test]
fn an_expired_session_is_checked_once_and_then_rarely() {
    let mut timing = Timing::new(START);
    let status = SessionStatus::Ready;
    let left = |expires_in| Facts { status: &status, held: false, expires_in: Some(expires_in) };
    assert_eq!(at(&timing, START, &left(5_000)), (Priority::Rest, 7_000));
    timing.start(START + Millis(7_000));
    timing.finish(START, Outcome::Answered, 0);
    assert_eq!(at(&timing, START + Millis(7_000), &left(-2_000)), (Priority::Rest, 67_000));
    let long_after = Facts { held: true, ..left(OVERDUE) };
    assert_eq!(at(&timing, START, &long_after), (Priority::Rest, 7_000 + 15 * 60_000));
}
