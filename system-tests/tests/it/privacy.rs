//! What the services write down about their users: nothing that tells who they are.

use std::fs;

use launcher::Service;
use system_tests::Installation;

/// Stops the services and makes sure that none of `private` stands in what they wrote.
pub fn logs_tell_nobody(installation: &mut Installation, private: &[String]) {
    assert!(private.len() > 100 && private.iter().all(|text| text.len() > 4), "{private:?}");
    installation.system.stop().unwrap();
    let logs = installation.scratch().unwrap().with_file_name("logs");
    for service in Service::ALL {
        let file = logs.join(format!("{}.log", service.binary()));
        let log = fs::read_to_string(&file).unwrap();
        assert!(log.lines().count() > 1, "{} is empty", file.display());
        for line in log.lines() {
            let told = private.iter().find(|text| stands(line, text));
            assert_eq!(told, None, "{}: {line}", service.binary());
        }
    }
}

/// Tells whether `text` stands in a line by itself: an id may have the digits of a number in it.
pub fn stands(line: &str, text: &str) -> bool {
    line.match_indices(text).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + text.len()..].chars().next();
        ![before, after].into_iter().flatten().any(|beside| beside.is_ascii_alphanumeric())
    })
}
