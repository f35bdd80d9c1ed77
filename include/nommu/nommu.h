/* SPDX-License-Identifier: MIT */
/*
 * nommu.h - a machine without an MMU as a library, without any preloading.
 *
 * A program makes a machine or joins one that another process made, makes memory calls as a process
 * of it, and asks what there is. The answers are those of the profile that the machine was made
 * with: for linux-6.12 what a no-MMU Linux 6.12.117 was recorded to answer.
 *
 *	char path[NOMMU_PATH_SIZE], error[NOMMU_ERROR_SIZE];
 *	const char *options[] = { "profile=linux-6.12", "ram=8M", NULL };
 *
 *	if (nommu_create(options, path, error) || nommu_join(path, error))
 *		errx(1, "%s", error);
 *	long addr = nommu_mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
 *			       0);
 *	...
 *	nommu_leave();
 *	nommu_destroy();
 *
 * A process is in at most one machine at a time. The calls may be made by any thread and in signal
 * handlers that were announced by nommu_handlers(). Sizes are bytes, pages are of 4096 bytes.
 * Errors are negative errno values; errno itself is never touched.
 */
#ifndef NOMMU_NOMMU_H
#define NOMMU_NOMMU_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NOMMU_PATH_SIZE 512
#define NOMMU_ERROR_SIZE 256
#define NOMMU_MAX_ORDERS 20

/* Version of the library, "0.1.0". */
const char *nommu_version(void);

/* ---- the machine ---- */

/*
 * Makes a machine. options: "NAME=VALUE" or "NAME" as `nommu help options` lists them without the
 * dashes ("ram=8M", "profile=linux-6.12", "buddyinfo=2 7 5 ...", "record=FILE"), ended by NULL;
 * NULL for all defaults. Plus "mode=run" (default) or "mode=audit". path receives the name by which
 * other processes join. Returns 0, or -errno with one line in error.
 */
int nommu_create(const char *const *options, char path[NOMMU_PATH_SIZE],
		 char error[NOMMU_ERROR_SIZE]);

/*
 * Becomes a process of the machine. Returns 0; -EACCES: another user's; -EPROTO: another version's;
 * -EXDEV: of another pid namespace; -EEXIST: its address is taken in this process; -EALREADY: the
 * process is in a machine; with one line in error.
 */
int nommu_join(const char *path, char error[NOMMU_ERROR_SIZE]);

/* Gives back all that this process has and leaves. The process may join again. */
void nommu_leave(void);

/*
 * Removes the machine's file; processes that are in it
 * stay until they leave. Only its creator calls it.
 */
void nommu_destroy(void);

/* Whether this process is in a machine. */
int nommu_active(void);

/* The process has signal handlers that make memory calls: operations block signals from now on. */
void nommu_handlers(void);

/*
 * ---- the calls ----
 *
 * Arguments are those of the system calls of these names, answers those of Linux 6.12 without an
 * MMU at the places named; `nommu explain` says more of each rule. In a process that is in no
 * machine they are the host's own.
 */

/*
 * do_mmap(), mm/nommu.c:1002. Address or -errno, of which the commonest are: EINVAL a fixed
 * address; ENODEV a shared mapping of what cannot be shared; ENOMEM no block of the next power
 * of two. In run the memory lies in the arena, is zeroed unless MAP_UNINITIALIZED, can be
 * read, written and executed.
 */
long nommu_mmap(uint64_t addr, uint64_t len, int prot, int flags, int fd, off_t off);

/* do_munmap(), mm/nommu.c:1416. 0, or EINVAL: not mapped, several mappings, a part of a file's. */
long nommu_munmap(uint64_t addr, uint64_t len);

/*
 * do_mremap(), mm/nommu.c:1532. The address, which never changes, or -errno: EINVAL not exactly one
 * mapping, or to another fixed address; EPERM one that is shared; ENOMEM more than its block holds.
 */
long nommu_mremap(uint64_t addr, uint64_t old_len, uint64_t new_len, int flags, uint64_t new_addr);

/*
 * ramfs_nommu_resize(), fs/ramfs/file-nommu.c:132, for files in memory; the host's own for others.
 * 0 or -errno: EFBIG an empty file to more than the largest block; ENOMEM no block; ETXTBSY it
 * would cut a shared mapping.
 */
long nommu_ftruncate(int fd, off_t len);

/* ksys_shmget(), ipc/shm.c:828. The identifier or -errno: EINVAL, EEXIST, ENOENT, EFBIG, ENOMEM. */
long nommu_shmget(int key, uint64_t size, int flags);
/*
 * do_shmat(), ipc/shm.c:1504. Address or -errno: EINVAL no segment, or an address; ENODEV; ENOMEM.
 */
long nommu_shmat(int id, uint64_t addr, int flags);
/* ksys_shmdt(), ipc/shm.c:1713. 0, or EINVAL: not where a segment is attached. */
long nommu_shmdt(uint64_t addr);
/* buf: struct shmid_ds of IPC_STAT and IPC_SET. 0 or -errno: EINVAL, EFAULT. */
long nommu_shmctl(int id, int command, void *buf);

/* ---- looking ---- */

struct nommu_statistics {
	uint64_t ram_bytes;	/* free when the machine was made */
	uint64_t free_bytes;	/* free now */
	uint64_t reserve_bytes; /* kept back, as the kernel's min watermark */
	uint64_t peak_bytes;	/* most in use at once */
	/* largest free block now: the largest request that could succeed */
	uint64_t largest_bytes;
	uint64_t processes;			/* in the machine now */
	uint64_t refused;			/* calls refused so far */
	uint32_t free_blocks[NOMMU_MAX_ORDERS]; /* free blocks of 2^order pages */
};

/* Zeroes if the process is in no machine. */
void nommu_statistics(struct nommu_statistics *statistics);

struct nommu_mapping {
	uint64_t start;	 /* address in its process */
	uint64_t end;	 /* exclusive */
	int32_t pid;	 /* owner */
	uint32_t shared; /* others may have it too */
	uint64_t inode;	 /* of the file, 0: anonymous */
	uint64_t offset; /* bytes into the file */
};

/*
 * Calls fn for each mapping of process pid (0: all), latest first, until it returns non-zero;
 * returns that. fn runs inside the machine's lock: it must not make any of these calls.
 */
int nommu_each_mapping(pid_t pid, int (*fn)(const struct nommu_mapping *, void *), void *context);

#ifdef __cplusplus
}
#endif

#endif
