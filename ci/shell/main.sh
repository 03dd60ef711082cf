#!/bin/sh
# The whole of it in a shell, for any CI and for cron: run it in a clone of main that may push.
# RUN names the run (the build's number), TESTS is the command that writes junit.xml.
set -eu
export TALLYBOOK_KEY="$RUN" TALLYBOOK_NAME="Main $RUN" TALLYBOOK_EXPECT=unit TALLYBOOK_JOB=unit

rm -rf junit.xml tallybook-parts
tallybook-ci validate
code=0
sh -c "$TESTS" || code=$?
tallybook-ci append junit.xml
tallybook-ci close
tallybook-ci render
exit "$code"
