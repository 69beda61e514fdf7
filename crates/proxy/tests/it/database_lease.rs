//! Exclusive use of a database by one proxy.

use cr3dentials_proxy::{StartError, open, spawn};

use cr3dentials_test_support::{Directory, config, sandbox};

#[tokio::test]
async fn a_second_proxy_on_the_same_database_does_not_start() {
    let (sandbox, directory) = (sandbox().await, Directory::create());
    let mut config = config(&sandbox.base_url(), &directory);
    let first = spawn(config.clone()).await.unwrap();
    // Also under another name.
    #[cfg(unix)]
    {
        config.database = directory.0.join("link.sqlite");
        std::os::unix::fs::symlink(directory.0.join("proxy.sqlite"), &config.database).unwrap();
    }
    let Err(error @ StartError::Store(_)) = open(config.clone()).await else { panic!("a second one started") };
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("another proxy") && cause.contains("`database`"), "{cause}");
    first.stop().await.unwrap();
    // A stopped proxy has released the database.
    spawn(config).await.unwrap().stop().await.unwrap();
}
