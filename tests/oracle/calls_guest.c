/* SPDX-License-Identifier: MIT */
/*
 * Bare system calls for the guest (riscv64, static PIE, no C library), and the guest's init.
 *
 * Started as process 1 it mounts what scenarios need, runs every scenario that /list names in a process of its
 * own, and switches the machine off. Children are always made with vfork semantics: there is no other on a
 * machine without an MMU, and a child must not return from the function that made it.
 */
#include "probe.h"

#include <asm/unistd.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/shm.h>
#include <linux/wait.h>
#include <signal.h>
#include <sys/mman.h>

#define CLONE_VM_FLAG 0x100L
#define CLONE_VFORK_FLAG 0x4000L
#define LIST_SIZE 32768

static inline __attribute__((always_inline)) long trap(long number, long a, long b, long c, long d,
						       long e, long f)
{
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;
	register long a7 __asm__("a7") = number;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7)
			 : "memory");
	return a0;
}

#define TRAP6(n, a, b, c, d, e, f)                                                                 \
	trap(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define TRAP5(n, a, b, c, d, e) TRAP6(n, a, b, c, d, e, 0)
#define TRAP4(n, a, b, c, d) TRAP6(n, a, b, c, d, 0, 0)
#define TRAP3(n, a, b, c) TRAP6(n, a, b, c, 0, 0, 0)
#define TRAP2(n, a, b) TRAP6(n, a, b, 0, 0, 0, 0)
#define TRAP1(n, a) TRAP6(n, a, 0, 0, 0, 0, 0)

/* The compiler calls these two by itself. */
void *memset(void *to, int byte, size_t size)
{
	volatile unsigned char *p = to;

	while (size--)
		*p++ = (unsigned char)byte;
	return to;
}

void *memcpy(void *to, const void *from, size_t size)
{
	volatile unsigned char *p = to;
	const unsigned char *q = from;

	while (size--)
		*p++ = *q++;
	return to;
}

long call_open(const char *path, int flags)
{
	return TRAP4(openat, AT_FDCWD, path, flags, 0644);
}

long call_close(int fd)
{
	return TRAP1(close, fd);
}

long call_read(int fd, void *buffer, size_t size)
{
	return TRAP3(read, fd, buffer, size);
}

long call_pread(int fd, void *buffer, size_t size, word offset)
{
	return TRAP4(pread64, fd, buffer, size, offset);
}

long call_pwrite(int fd, const void *buffer, size_t size, word offset)
{
	return TRAP4(pwrite64, fd, buffer, size, offset);
}

long call_unlink(const char *path)
{
	return TRAP3(unlinkat, AT_FDCWD, path, 0);
}

long call_ftruncate(int fd, word size)
{
	return TRAP2(ftruncate, fd, size);
}

long call_truncate(const char *path, word size)
{
	return TRAP2(truncate, path, size);
}

long call_fallocate(int fd, word size)
{
	return TRAP4(fallocate, fd, 0, 0, size);
}

long call_memfd(void)
{
	return TRAP2(memfd_create, "probe", 0);
}

long call_pipe(int ends[2])
{
	return TRAP2(pipe2, ends, 0);
}

long call_special(enum special what)
{
	unsigned long set = 0;

	switch (what) {
	case SPECIAL_SOCKET:
		return TRAP3(socket, 1, 1, 0);
	case SPECIAL_EVENTFD:
		return TRAP2(eventfd2, 0, 0);
	case SPECIAL_EPOLL:
		return TRAP1(epoll_create1, 0);
	case SPECIAL_TIMERFD:
		return TRAP2(timerfd_create, 1, 0);
	case SPECIAL_INOTIFY:
		return TRAP1(inotify_init1, 0);
	case SPECIAL_SIGNALFD:
		return TRAP4(signalfd4, -1, &set, sizeof(set), 0);
	}
	return -ENOSYS;
}

void call_print(const char *text, size_t size)
{
	TRAP3(write, 1, text, size);
}

long call_mmap(word addr, word len, int prot, int flags, int fd, word offset)
{
	return TRAP6(mmap, addr, len, prot, flags, fd, offset);
}

long call_munmap(word addr, word len)
{
	return TRAP2(munmap, addr, len);
}

long call_mremap(word addr, word old_len, word new_len, int flags, word new_addr)
{
	return TRAP5(mremap, addr, old_len, new_len, flags, new_addr);
}

long call_mprotect(word addr, word len, int prot)
{
	return TRAP3(mprotect, addr, len, prot);
}

long call_msync(word addr, word len, int flags)
{
	return TRAP3(msync, addr, len, flags);
}

long call_madvise(word addr, word len, int advice)
{
	return TRAP3(madvise, addr, len, advice);
}

long call_mlock(word addr, word len)
{
	return TRAP2(mlock, addr, len);
}

long call_munlock(word addr, word len)
{
	return TRAP2(munlock, addr, len);
}

long call_mlockall(int flags)
{
	return TRAP1(mlockall, flags);
}

long call_munlockall(void)
{
	return TRAP1(munlockall, 0);
}

long call_mincore(word addr, word len, unsigned char *pages)
{
	return TRAP3(mincore, addr, len, pages);
}

long call_remap_file_pages(word addr, word len)
{
	return TRAP5(remap_file_pages, addr, len, 0, 0, 0);
}

long call_brk(word delta)
{
	word now = (word)TRAP1(brk, 0);

	return (word)TRAP1(brk, now + delta) == now + delta ? 0 : -ENOMEM;
}

long call_shmget(int key, word size, int flags)
{
	return TRAP3(shmget, key, size, flags);
}

long call_shmat(int id, word addr, int flags)
{
	return TRAP3(shmat, id, addr, flags);
}

long call_shmdt(word addr)
{
	return TRAP1(shmdt, addr);
}

long call_shm_remove(int id)
{
	return TRAP3(shmctl, id, IPC_RMID, 0);
}

long call_shm_state(int id, struct shm_state *state)
{
	static struct shmid64_ds found;
	long answer = TRAP3(shmctl, id, IPC_STAT, &found);

	state->size = found.shm_segsz;
	state->attached = found.shm_nattch;
	return answer;
}

/* On this kernel a clone without CLONE_VM shares the stack all the same: nothing may be called before the end. */
long call_fork_exit(int status)
{
	long pid = TRAP5(clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		TRAP1(exit_group, status);
	return pid;
}

long call_vfork_exit(int status)
{
	long pid = TRAP5(clone, CLONE_VFORK_FLAG | CLONE_VM_FLAG | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		TRAP1(exit, status);
	return pid;
}

long call_vfork_mmap(word len, word *addr)
{
	static volatile long got;
	struct child_state state;
	long pid = TRAP5(clone, CLONE_VFORK_FLAG | CLONE_VM_FLAG | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0) {
		got = TRAP6(mmap, 0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);
		TRAP1(exit, 0);
	}
	if (pid < 0)
		return pid;
	call_wait(pid, &state);
	*addr = (word)got;
	return got;
}

long call_spawn(char *const argv[])
{
	static char *const no_environment[] = { NULL };
	long pid = TRAP5(clone, CLONE_VFORK_FLAG | CLONE_VM_FLAG | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0) {
		TRAP3(execve, "/probe", argv, no_environment);
		TRAP1(exit, 127);
	}
	return pid;
}

long call_wait(long pid, struct child_state *state)
{
	int status = 0;
	long answer = TRAP4(wait4, pid, &status, WUNTRACED, 0);

	if ((status & 0x7f) == 0) {
		state->how = CHILD_EXITED;
		state->code = status >> 8 & 0xff;
	} else if ((status & 0xff) == 0x7f) {
		state->how = CHILD_PAUSED;
		state->code = status >> 8 & 0xff;
	} else {
		state->how = CHILD_KILLED;
		state->code = status & 0x7f;
	}
	return answer;
}

long call_continue(long pid)
{
	return TRAP2(kill, pid, SIGCONT);
}

void call_pause(void)
{
	TRAP2(kill, TRAP1(getpid, 0), SIGSTOP);
}

static void mount_all(void)
{
	static const char *const folders[] = { "/proc", "/sys",	  "/tmp", "/disk",
					       "/tmpx", "/diskx", "/dev" };
	enum { NOEXEC = 8, REMOUNT = 32, BIND = 4096 };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		TRAP3(mkdirat, AT_FDCWD, folders[i], 0755);
	TRAP5(mount, "proc", "/proc", "proc", 0, 0);
	TRAP5(mount, "sys", "/sys", "sysfs", 0, 0);
	TRAP5(mount, "tmp", "/tmp", "tmpfs", 0, 0);
	TRAP5(mount, "dev", "/dev", "devtmpfs", 0, 0);
	if (TRAP5(mount, "/dev/vda", "/disk", "ext2", 0, 0) < 0)
		show("no disk\n");
	/* /tmpx and /diskx are the same folders where nothing may be executed */
	TRAP5(mount, "/tmp", "/tmpx", 0, BIND, 0);
	TRAP5(mount, 0, "/tmpx", 0, BIND | REMOUNT | NOEXEC, 0);
	TRAP5(mount, "/disk", "/diskx", 0, BIND, 0);
	TRAP5(mount, 0, "/diskx", 0, BIND | REMOUNT | NOEXEC, 0);
}

static void run_listed(char *path)
{
	static char name[] = "/probe";
	char *argv[] = { name, path, NULL };
	struct child_state state = { CHILD_EXITED, 0 };
	long pid = call_spawn(argv);

	if (pid < 0) {
		show("!! cannot start\n");
		return;
	}
	do {
		call_wait(pid, &state);
		if (state.how == CHILD_PAUSED)
			call_continue(pid);
	} while (state.how == CHILD_PAUSED);
	if (state.how == CHILD_EXITED && state.code == 0)
		return;
	show("\n!! ");
	show(path);
	show(state.how == CHILD_KILLED ? " killed by " : " exited with ");
	say_number((word)state.code);
	show("\n");
}

static void be_init(void)
{
	static char list[LIST_SIZE];

	mount_all();
	long fd = call_open("/list", O_RDONLY);
	long size = fd < 0 ? 0 : call_read((int)fd, list, sizeof(list) - 1);
	call_close((int)fd);
	list[size > 0 ? size : 0] = '\0';
	show("PROBE-BEGIN\n");
	for (char *line = list; *line != '\0';) {
		char *end = line;

		while (*end != '\0' && *end != '\n')
			end++;
		char *next = *end == '\0' ? end : end + 1;
		*end = '\0';
		run_listed(line);
		line = next;
	}
	show("PROBE-END\n");
	TRAP1(sync, 0);
	TRAP4(reboot, 0xfee1deadUL, 672274793, 0x4321fedc, 0);
	for (;;)
		;
}

extern const char load_base[] __asm__("__ehdr_start") __attribute__((visibility("hidden")));
extern Elf64_Dyn dynamic[] __asm__("_DYNAMIC") __attribute__((visibility("hidden")));

/* The kernel loads a static PIE anywhere and relocates nothing: tables of pointers need this first. */
static void relocate(void)
{
	word base = (word)load_base, size = 0;
	const Elf64_Rela *entry = NULL;

	for (const Elf64_Dyn *d = dynamic; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_RELA)
			entry = (const Elf64_Rela *)(base + d->d_un.d_ptr);
		else if (d->d_tag == DT_RELASZ)
			size = d->d_un.d_val;
	}
	for (word i = 0; i < size / sizeof(*entry); i++)
		*(word *)(base + entry[i].r_offset) = base + (word)entry[i].r_addend;
}

__asm__(".globl _start\n"
	"_start:\n"
	"	mv a0, sp\n"
	"	andi sp, sp, -16\n"
	"	call guest_start\n");

void guest_start(long *stack);
void guest_start(long *stack)
{
	relocate();
	if (TRAP1(getpid, 0) == 1)
		be_init();
	TRAP1(exit_group, probe_run((int)stack[0], (char **)(stack + 1)));
	__builtin_unreachable();
}
