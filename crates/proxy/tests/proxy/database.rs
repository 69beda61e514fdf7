//! One database belongs to one proxy at a time.

use cr3dentials_proxy::{StartError, open, spawn};

use crate::harness::{Directory, config, sandbox};

#[tokio::test]
async fn a_second_proxy_on_the_same_database_does_not_start() {
    let (sandbox, directory) = (sandbox().await, Directory::new());
    let mut config = config(&sandbox.base_url(), &directory);
    let first = spawn(config.clone()).await.unwrap();
    // Under another name, too.
    #[cfg(unix)]
    {
        config.database = directory.0.join("link.sqlite");
        std::os::unix::fs::symlink(directory.0.join("proxy.sqlite"), &config.database).unwrap();
    }
    let Err(error @ StartError::Store(_)) = open(config.clone()).await else { panic!("a second one started") };
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("another proxy") && cause.contains("`database`"), "{cause}");
    first.stop().await.unwrap();
    // One that was stopped has let go of it.
    spawn(config).await.unwrap().stop().await.unwrap();
}
