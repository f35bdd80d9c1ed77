/* SPDX-License-Identifier: MIT */
/*
 * guest_init.c - how the probe starts in the guest. As process 1 it mounts what scenarios need,
 * runs every scenario that /list names in a process of its own, and switches the machine off.
 */
#include "guest.h"
#include "probe.h"

#include <elf.h>
#include <fcntl.h>

#define LIST_SIZE 32768

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

/*
 * The kernel loads a static PIE anywhere and relocates nothing: tables of pointers need this first.
 */
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
