/* SPDX-License-Identifier: MIT */
/*
 * recording.h - the format of a recording: what a run asked of its memory and what it was answered.
 *
 * A recording is one file: a header of NOMMU_RECORDING_HEADER bytes, then records. All numbers are
 * little endian and of fixed width. Each record starts with struct nommu_record and is size bytes
 * long, a multiple of 8. All processes of a run append to the same file through shared mappings: a
 * writer first claims its bytes (an atomic add), fills them in, and stores `type` last. So after
 * any death, SIGKILL included, what was written before is there; a record whose type is 0 was
 * claimed and never finished, and its size may be 0 too. The file grows in chunks of
 * NOMMU_RECORDING_CHUNK bytes and no record crosses a chunk's end: what is left of a chunk is a
 * record of type NOMMU_RECORD_PAD, or zeroes.
 *
 * How to read: skip types you do not know; take fields beyond a record's size as 0; where size is
 * 0, below the smallest record, not a multiple of 8 or beyond the chunk's end, the record is
 * damaged: go on 8 bytes later, up to the chunk's end, until a record fits again, and count the
 * bytes as lost if they are not all zero (a claim whose process died before the first store is all
 * zero: the size is stored first). A reader refuses another `magic`, and a `major` that it does not
 * know; `minor` grows when record types or fields at a record's end are added.
 */
#ifndef NOMMU_RECORDING_H
#define NOMMU_RECORDING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NOMMU_RECORDING_MAGIC 0x6365726d6d6f6eULL /* "nommrec" as a little-endian number */
#define NOMMU_RECORDING_MAJOR 1
#define NOMMU_RECORDING_MINOR 1
#define NOMMU_RECORDING_HEADER 4096
#define NOMMU_RECORDING_CHUNK (1u << 20) /* the first chunk starts right behind the header */
#define NOMMU_RECORDING_ORDERS 20

/* The file's first bytes; unused bytes up to NOMMU_RECORDING_HEADER are 0. */
struct nommu_recording_header {
	uint64_t magic;	    /* NOMMU_RECORDING_MAGIC */
	uint16_t major;	    /* NOMMU_RECORDING_MAJOR */
	uint16_t minor;	    /* NOMMU_RECORDING_MINOR */
	uint32_t page_size; /* bytes, 4096 */
	uint64_t start_ns;  /* CLOCK_REALTIME at creation */
	/* CLOCK_MONOTONIC at creation: the zero of every record's time */
	uint64_t start_mono_ns;
	uint64_t claimed;	/* bytes claimed behind the header so far; advances atomically */
	uint64_t lost;		/* records dropped because the disk was full */
	uint64_t ram_pages;	/* pages free at the start */
	uint64_t reserve_pages; /* kept back, as the kernel's min watermark */
	uint64_t trim;		/* vm.nr_trim_pages */
	uint64_t stack_bytes;	/* --stack, 0: from each image */
	uint8_t mode;		/* 0 run, 1 audit */
	uint8_t profile;	/* 0 strict, 1 linux-6.12, 2 hpux-11.31 */
	uint8_t libc;		/* 0 uclibc, 1 uclibc-simple, 2 musl, 3 host */
	uint8_t image;		/* 0 none, 1 fdpic, 2 pie, 3 flat, 4 flat-ram */
	uint8_t uninitialized;	/* 0 stale, 1 poison, 2 zero */
	uint8_t max_order;	/* largest block is 2^max_order pages */
	uint8_t has_buddyinfo;	/* free_blocks[] was given by --buddyinfo */
	uint8_t record_heap;	/* heap calls are recorded */
	uint32_t free_blocks[NOMMU_RECORDING_ORDERS]; /* free blocks per order at the start */
	uint32_t pad;
	char version[32]; /* of the nommu that made it, ended by 0 */
	char host[64];	  /* uname: machine and release of the host, ended by 0 */
	char board[32];	  /* --board, or empty */
	/* that can be reserved, where the profile reserves swap; else 0. Since minor 1 */
	uint64_t swap_pages;
};

enum nommu_record_type {
	NOMMU_RECORD_NONE = 0,	  /* claimed, never finished */
	NOMMU_RECORD_PAD = 1,	  /* the rest of a chunk */
	NOMMU_RECORD_PROCESS = 2, /* a process image starts: struct nommu_record_process */
	NOMMU_RECORD_MODULE = 3,  /* a file mapped as code: struct nommu_record_module */
	NOMMU_RECORD_CALL = 4,	  /* a call and its answer: struct nommu_record_call */
	NOMMU_RECORD_STACK = 5,	  /* the whole stack of a site: struct nommu_record_stack */
	NOMMU_RECORD_REGION = 6,  /* pages taken: struct nommu_record_region */
	NOMMU_RECORD_RELEASE = 7, /* pages given back: struct nommu_record_release */
	NOMMU_RECORD_HEAP = 8,	  /* a heap call, with --record-heap: struct nommu_record_heap */
	NOMMU_RECORD_EXIT = 9,	  /* a process image ends: struct nommu_record_exit */
	/* a process that ran without the library: struct nommu_record_lost */
	NOMMU_RECORD_LOST = 10,
	NOMMU_RECORD_FREE = 11, /* the free lists at a refusal: struct nommu_record_free */
	NOMMU_RECORD_USE = 12,	/* reserved and touched, per site: struct nommu_record_use */
};

/* Starts every record. */
struct nommu_record {
	uint16_t size; /* of the whole record in bytes, a multiple of 8 */
	uint16_t type; /* enum nommu_record_type; stored last */
	uint32_t pid;  /* of the process whose address space it is */
	uint64_t time; /* ns since start_mono_ns */
};

/* One program image in one process. An exec ends one image and starts the next in the same pid. */
struct nommu_record_process {
	struct nommu_record head;
	uint32_t ppid;	/* parent */
	uint32_t image; /* serial number of the image in the run, from 1 */
	uint64_t start; /* start time of the process in clock ticks (tells reused pids apart) */
	uint64_t stack_bytes;  /* main stack of the target */
	uint64_t image_pages;  /* pages that the image was charged, stack included */
	uint64_t shared_pages; /* of these, found shared with another process */
	uint32_t origin;       /* 0 first, 1 exec, 2 fork (audit), 3 spawned */
	uint32_t pad;
	char command[]; /* arguments, each ended by 0, the list ended by the record's end */
};

/* A loaded file, once per image and again after dlopen. */
struct nommu_record_module {
	struct nommu_record head;
	uint64_t base;	       /* load bias: address minus p_vaddr */
	uint64_t start;	       /* lowest address of its segments */
	uint64_t end;	       /* highest, exclusive */
	uint8_t build_id[32];  /* GNU build id */
	uint32_t build_id_len; /* 0: none */
	/* 1: the program itself, 2: nommu's own library, 4: libc or the loader */
	uint32_t flags;
	char path[]; /* ended by 0 */
};

/* Which call; the numbers are stable: append only. */
enum nommu_call {
	NOMMU_CALL_NONE = 0,
	NOMMU_CALL_MMAP,	  /* args: addr len prot flags fd offset */
	NOMMU_CALL_MUNMAP,	  /* args: addr len */
	NOMMU_CALL_MREMAP,	  /* args: addr old_len new_len flags new_addr */
	NOMMU_CALL_MPROTECT,	  /* args: addr len prot */
	NOMMU_CALL_PKEY_MPROTECT, /* args: addr len prot key */
	NOMMU_CALL_MSYNC,	  /* args: addr len flags */
	NOMMU_CALL_MADVISE,	  /* args: addr len advice */
	NOMMU_CALL_POSIX_MADVISE, /* args: addr len advice */
	NOMMU_CALL_MLOCK,	  /* args: addr len */
	NOMMU_CALL_MLOCK2,	  /* args: addr len flags */
	NOMMU_CALL_MLOCKALL,	  /* args: flags */
	NOMMU_CALL_MUNLOCK,	  /* args: addr len */
	NOMMU_CALL_MUNLOCKALL,
	NOMMU_CALL_MINCORE,	     /* args: addr len vec */
	NOMMU_CALL_REMAP_FILE_PAGES, /* args: addr len prot pgoff flags */
	NOMMU_CALL_MBIND,	     /* args: addr len mode nodemask maxnode flags */
	NOMMU_CALL_BRK,		     /* args: addr */
	NOMMU_CALL_SBRK,	     /* args: increment */
	NOMMU_CALL_FORK,
	NOMMU_CALL__FORK,
	NOMMU_CALL_VFORK,
	NOMMU_CALL_CLONE,  /* args: flags stack */
	NOMMU_CALL_DAEMON, /* args: nochdir noclose */
	NOMMU_CALL_FORKPTY,
	NOMMU_CALL_WORDEXP,	    /* args: flags */
	NOMMU_CALL_SHMGET,	    /* args: key size flags */
	NOMMU_CALL_SHMAT,	    /* args: id addr flags */
	NOMMU_CALL_SHMDT,	    /* args: addr */
	NOMMU_CALL_SHMCTL,	    /* args: id command buf */
	NOMMU_CALL_SHM_OPEN,	    /* args: name flags mode */
	NOMMU_CALL_MEMFD_CREATE,    /* args: name flags */
	NOMMU_CALL_FTRUNCATE,	    /* args: fd len */
	NOMMU_CALL_TRUNCATE,	    /* args: path len */
	NOMMU_CALL_FALLOCATE,	    /* args: fd mode offset len */
	NOMMU_CALL_POSIX_FALLOCATE, /* args: fd offset len */
	NOMMU_CALL_EXEC,	    /* args: path */
	NOMMU_CALL_POSIX_SPAWN,	    /* args: path attribute-flags */
	NOMMU_CALL_EXIT,	    /* args: status */
	NOMMU_CALL_MALLOC,	    /* args: size */
	NOMMU_CALL_CALLOC,	    /* args: count size */
	NOMMU_CALL_REALLOC,	    /* args: pointer size */
	NOMMU_CALL_FREE,	    /* args: pointer */
	NOMMU_CALL_MEMALIGN,	    /* args: alignment size */
	NOMMU_CALL_PTHREAD_CREATE,  /* args: stack-size */
	NOMMU_CALL_DLOPEN,	    /* args: path flags */
	NOMMU_CALL_SYSCALL,	    /* args: number */
	NOMMU_CALL_IMAGE, /* the image or stack that is charged before main; args: bytes kind */
	NOMMU_CALL_SYSTEM,
	NOMMU_CALL_POPEN,
	NOMMU_CALL_PROCESS_MADVISE, /* args: pidfd iov count advice flags */
	NOMMU_CALLS
};

#define NOMMU_RECORD_RULES 4

/*
 * A call. `rules` are the rules that it met, 0 for none; the severity of each for the
 * running profile is beside it. The number of a rule is its place in the list that
 * `nommu explain` prints, from 1.
 */
struct nommu_record_call {
	struct nommu_record head;
	uint32_t tid;	/* calling thread */
	uint16_t call;	/* enum nommu_call */
	uint16_t flags; /* 1: inside a vfork child; 2: on a signal's alternate stack */
	uint64_t site;	/* return address in the program */
	int64_t result; /* what the program was answered: value or -errno */
	/* what the machine without an MMU answers: value (1 for any address) or -errno */
	int64_t model;
	uint64_t args[6]; /* as enum nommu_call says */
	uint16_t rules[NOMMU_RECORD_RULES];
	uint8_t severity[NOMMU_RECORD_RULES]; /* 0 note, 1 warning, 2 error */
	uint32_t order; /* for an allocation: order of the block asked for, else 0 */
	/*
	 * Of the first rule. overcommit, swap-unused, stack-depth: bytes reserved or available,
	 * bytes touched; private-copy: bytes copied, of these behind the file's end; fragmented,
	 * out-of-memory, contiguous-limit: pages free, pages of the largest free block.
	 */
	uint64_t figure[2];
	char text[]; /* optional, ended by 0: a path or name that goes with it */
};

/*
 * The stack at the first refusal or warning of a site;
 * belongs to the call before it of the same tid.
 */
struct nommu_record_stack {
	struct nommu_record head;
	uint32_t tid;
	uint32_t depth; /* used entries of ip */
	uint64_t site;	/* as in the call */
	uint64_t ip[];	/* return addresses, innermost first, nommu's own frames left out */
};

/* What pages are for. */
enum nommu_kind {
	NOMMU_KIND_MAPPING, /* anonymous mmap */
	NOMMU_KIND_FILE,    /* private copy of a file */
	NOMMU_KIND_SHARED,  /* System V segment, memory-backed file, shared read-only copy */
	NOMMU_KIND_HEAP,    /* asked for by malloc */
	NOMMU_KIND_STACK,   /* main or thread stack */
	NOMMU_KIND_IMAGE,   /* text, data, bss */
	NOMMU_KINDS
};

/*
 * Pages taken from the page allocator. `region` names them until RELEASE records have given back
 * all. Together REGION and RELEASE replay the machine's memory: allocate `pages` exactly (block of
 * the next power of two, tail trimmed to `kept`), free ranges. refused != 0: it was asked for and
 * refused (audit goes on without it); such a region is never released. Where the profile reserves
 * swap (swap_pages of the header) they are reservations, which have no place: start is 0.
 */
struct nommu_record_region {
	struct nommu_record head;
	uint64_t region;  /* serial number in the run, from 1 */
	uint64_t site;	  /* return address of the call that took it */
	uint32_t start;	  /* first page of the arena */
	uint32_t pages;	  /* asked for */
	uint32_t kept;	  /* after trimming; kept - pages is waste by rounding */
	uint16_t kind;	  /* enum nommu_kind */
	uint16_t refused; /* errno, or 0 */
	/* 1: the size is a power of two by request (shared object, not trimmed to order) */
	uint32_t flags;
	uint32_t tid;
};

/* A range of a region's pages goes back. */
struct nommu_record_release {
	struct nommu_record head;
	uint64_t region; /* serial number */
	uint32_t start;	 /* first page of the arena */
	uint32_t pages;	 /* number of pages, waste included */
};

/* One call of the malloc family. realloc is one record: old pointer and new. */
struct nommu_record_heap {
	struct nommu_record head;
	uint32_t tid;
	uint16_t call;	      /* NOMMU_CALL_MALLOC ... NOMMU_CALL_MEMALIGN */
	uint16_t align_shift; /* log2 of the alignment asked for, 0: none */
	uint64_t site;	      /* return address */
	uint64_t size;	      /* bytes asked for */
	uint64_t pointer;     /* result; for free: what is freed */
	uint64_t old;	      /* realloc: the old pointer */
};

/* How an image ended, with its highest figures. */
struct nommu_record_exit {
	struct nommu_record head;
	/* 0 _exit, 1 exec, 2 found dead, 3 killed by the OOM killer of the model */
	uint32_t how;
	int32_t status;	      /* exit status, 128+N: ended by signal N, -1: not known */
	uint64_t peak_pages;  /* most pages owned at once */
	uint64_t stack_bytes; /* depth of the main stack, 0: not measured */
	uint64_t heap_peak;   /* most bytes live in the heap */
};

enum nommu_lost {
	NOMMU_LOST_UNKNOWN = 0,
	NOMMU_LOST_ENVIRONMENT = 1, /* its environment was cleared */
	NOMMU_LOST_STATIC = 2,	    /* a static program */
	/* set-user-ID or set-group-ID, and not already that user's */
	NOMMU_LOST_PRIVILEGED = 3,
	NOMMU_LOST_BASE = 4,	/* the arena's addresses were taken in it */
	NOMMU_LOST_MACHINE = 5, /* a program of another architecture */
	NOMMU_LOST_LOADER = 6,	/* a program of another C library */
	/* it cannot open the ledger: another user, another root, a sandbox */
	NOMMU_LOST_REACH = 7,
	NOMMU_LOST_FORK = 8,	 /* forked without libc, where forking is refused */
	NOMMU_LOST_CAPABLE = 9,	 /* its file has capabilities, and its user is not root */
	NOMMU_LOST_LISTING = 10, /* the loader itself, asked about a program (ldd) */
};

/* A process that was started and never attached. */
struct nommu_record_lost {
	struct nommu_record head;
	uint32_t ppid;
	uint32_t why;	/* enum nommu_lost */
	char command[]; /* as in nommu_record_process */
};

/* The free lists when a request was refused. */
struct nommu_record_free {
	struct nommu_record head;
	uint64_t site;				 /* of the refused call */
	uint32_t wanted;			 /* pages asked for */
	uint32_t reserve;			 /* pages kept back */
	uint32_t blocks[NOMMU_RECORDING_ORDERS]; /* free blocks per order */
};

/* What one mapping, or one site's mappings, reserved and touched; written when it goes away. */
struct nommu_record_use {
	struct nommu_record head;
	uint64_t site;
	uint64_t reserved; /* bytes */
	uint64_t touched;  /* bytes */
	uint32_t kind;	   /* enum nommu_kind */
	uint32_t count;	   /* mappings in this figure */
};

#ifdef __cplusplus
}
#endif

#endif
