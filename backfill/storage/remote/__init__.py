"""Files in a store: s3://, gs://, az://, sftp:// and https://, through fsspec, which is loaded only for them."""
