/* SPDX-License-Identifier: MIT */
/* syscall() with the number of every call that is answered: as the call of that name. */
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "probe.h"

static void absent_calls(char *a)
{
	unsigned char vec[4];

	SHOW(syscall(SYS_mprotect, a, PAGE, PROT_READ | PROT_WRITE));
	SHOW(syscall(SYS_pkey_mprotect, a, PAGE, PROT_READ | PROT_WRITE, -1));
	SHOW(syscall(SYS_msync, a, PAGE, MS_SYNC));
	SHOW(syscall(SYS_madvise, a, PAGE, MADV_NORMAL));
	SHOW(syscall(SYS_mlock, a, PAGE));
	SHOW(syscall(SYS_mlock2, a, PAGE, 0));
	SHOW(syscall(SYS_munlock, a, PAGE));
	SHOW(syscall(SYS_mlockall, MCL_FUTURE));
	SHOW(syscall(SYS_munlockall));
	SHOW(syscall(SYS_mincore, a, PAGE, vec));
	SHOW(syscall(SYS_mbind, a, PAGE, 0, NULL, 0, 0));
}

static void files(const char *memory)
{
	struct open_how cut = { .flags = O_RDWR | O_CREAT | O_TRUNC, .mode = 0600 };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, memory, &cut, sizeof cut);
	void *shared;

	SHOW(fd);
	SHOW(syscall(SYS_ftruncate, fd, PAGE));
	SHOW(syscall(SYS_fallocate, fd, 0, 0, PAGE));
	SHOW(shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	SHOW(syscall(SYS_truncate, memory, 0));
	SHOW(syscall(SYS_openat2, AT_FDCWD, memory, &cut, sizeof cut));
	SHOW(syscall(SYS_openat, AT_FDCWD, memory, O_RDWR | O_TRUNC));
#ifdef SYS_creat
	SHOW(syscall(SYS_creat, memory, 0600));
	SHOW(syscall(SYS_open, memory, O_RDWR | O_TRUNC));
#endif
	munmap(shared, PAGE);
	SHOW(syscall(SYS_truncate, memory, 0));
	SHOW(syscall(SYS_truncate, "/no/such", 0));
	SHOW(syscall(SYS_memfd_create, "probe", 0));
	close(fd);
	unlink(memory);
}

static void segments(void)
{
	int id = (int)syscall(SYS_shmget, IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
	long at;

	SHOW(id);
	SHOW(at = syscall(SYS_shmat, id, NULL, 0));
	SHOW(syscall(SYS_shmdt, at));
	SHOW(syscall(SYS_shmctl, id, IPC_RMID, NULL));
}

static pid_t start(int status)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(status);
	return pid;
}

static void children(void)
{
	struct {
		unsigned long flags, pidfd, child, parent, signal, rest[3];
	} args = { .signal = SIGCHLD };
	siginfo_t info = { 0 };
	pid_t pid = start(3);
	int status = 0;

	SHOW_NUMBER(syscall(SYS_wait4, pid, &status, 0, NULL) == pid && WEXITSTATUS(status) == 3);
	pid = start(4);
	SHOW_NUMBER(syscall(SYS_waitid, P_PID, pid, &info, WEXITED, NULL) == 0 &&
		    info.si_status == 4);
	pid = start(5);
	SHOW(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED, NULL));
	SHOW(syscall(SYS_wait4, -1, NULL, 0, NULL));
#ifdef SYS_fork
	SHOW(pid = (pid_t)(syscall(SYS_fork) ?: (_exit(0), 0)));
	status_of(pid);
#endif
	SHOW(pid = (pid_t)(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) ?: (_exit(0), 0)));
	status_of(pid);
	SHOW(pid = (pid_t)(syscall(SYS_clone3, &args, sizeof args) ?: (_exit(0), 0)));
	status_of(pid);
}

int main(void)
{
	char memory[] = "/dev/shm/nommu-probe-XXXXXX";

	absent_calls(anonymous(PAGE));
	close(mkstemp(memory));
	files(memory);
	segments();
	children();
	SHOW(syscall(SYS_brk, 0));
	SHOW_NUMBER(syscall(SYS_brk, syscall(SYS_brk, 0) + PAGE) == syscall(SYS_brk, 0));
	syscall(SYS_exit_group, 6);
	return 7;
}
