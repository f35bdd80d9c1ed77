#!/bin/sh
# SPDX-License-Identifier: MIT
# python-multiprocessing.sh [BUILD] - a pool of processes forks; the same pool of threads does not.
. "$(dirname "$0")/prepare.sh"

cat >processes.py <<'END'
from multiprocessing import Pool

def work(number):
    return sum(range(number))

if __name__ == "__main__":
    with Pool(2) as pool:
        print(sum(pool.map(work, range(1000))))
END
sed 's/from multiprocessing import/from multiprocessing.dummy import/' processes.py >threads.py

shown nommu audit /usr/bin/python3 processes.py
shown nommu audit /usr/bin/python3 threads.py
