/* SPDX-License-Identifier: MIT */
/*
 * model.h - what is known after reading: written by
 * lib/report alone, read by fit and by every renderer.
 *
 * Two stages. Reading tallies the events of one rule at one address of one file and keeps addresses
 * only, so that a million events cost little. report_finish() then turns the addresses into names,
 * decides which frame is the user's own, and merges what is the same rule at the same place: the
 * findings.
 */
#ifndef NOMMU_REPORT_MODEL_H
#define NOMMU_REPORT_MODEL_H

#include <stdbool.h>

#include <nommu/recording.h>

#include "base/conf.h" /* PROFILES */
#include "kit/store.h"
#include "report/report.h"
#include "symbol/symbol.h"

#define MODULE_PROGRAM 1u /* flags of a module record */
#define MODULE_NOMMU 2u
#define MODULE_LIBC 4u

#define STACK_MAX 128u	   /* frames of a stack that are kept */
#define TIMELINE_MAX 1024u /* points of the plot */

struct module {
	struct symbol_file file; /* path and build id first of all */
	const char *name;	 /* last part of the path */
	uint32_t flags;
};

struct address {
	uint32_t module; /* NONE: offset is the address itself */
	uint64_t offset; /* a p_vaddr of the file */
};

/* A file mapped as code in one image. */
struct span {
	uint64_t start, end, base;
	uint32_t module;
};

/* One program image in one process. */
struct image {
	uint32_t pid, ppid, serial;
	uint32_t run;
	uint32_t parent; /* image that a forked child took its modules from, or NONE */
	uint32_t origin;
	const char *command; /* arguments with a space between */
	uint64_t stack_bytes, image_pages, shared_pages;
	uint64_t start_ns;
	struct span *spans;
	uint32_t spans_count, spans_room;
	bool ended;
	uint32_t how; /* as in struct nommu_record_exit */
	int32_t status;
	uint64_t peak_pages, stack_used, heap_peak;
};

struct lost_process {
	uint32_t pid, ppid, why;
	const char *command;
};

/* A return address that calls came from, and the account of the memory that they took. */
struct site {
	struct address at;
	uint32_t image;	       /* the first that called from here */
	struct address *stack; /* innermost first, or NULL; its first entry need not be `at` */
	uint32_t depth;
	uint64_t taken_pages, waste_pages; /* all that was ever taken */
	uint64_t refused, refused_pages;   /* requests refused, and their pages together */
	uint32_t first_call;
	struct nommu_record_free *free_lists; /* at the first refusal, or NULL */
	/* After report_finish(): */
	struct place *places;	     /* frames with names, innermost first */
	uint32_t places_count, user; /* user: index of the user's own frame */
};

/* A frame with names. */
struct place {
	const char *module;   /* last part of the path, or NULL */
	const char *function; /* or NULL */
	const char *file;     /* or NULL */
	uint32_t line, column;
	uint64_t offset; /* of the address in the module */
	uint64_t function_offset;
	bool inlined;
	bool own; /* neither nommu's nor libc's */
};

/* One call as an example of a finding. */
struct example {
	uint16_t call, flags;
	uint32_t order;
	int64_t result, model;
	uint64_t args[6], figure[2];
	const char *text; /* path or name, or NULL */
	uint64_t time;
	uint32_t pid, tid;
};

/* Events of one rule at one site. */
struct tally {
	enum rule_id rule;
	uint32_t site, run;
	uint8_t severity;
	uint64_t count, first_ns, last_ns;
	uint64_t figure_sum[2], figure_max[2];
	struct example example;
};

/* The frames of one address: more than one where calls were inlined. */
struct frames {
	struct place *places;
	uint32_t count;
};

/* What recordings say of a call that a scan found. */
enum seen { SEEN_UNKNOWN, SEEN_NEVER, SEEN_CALLED };

enum baseline { BASELINE_NONE, BASELINE_NEW, BASELINE_UNCHANGED, BASELINE_FIXED };

struct finding {
	enum rule_id rule;
	const char *rule_name; /* also for rules that this nommu does not know */
	uint8_t severity;
	bool accepted;
	enum baseline baseline;
	bool refused_by[PROFILES];
	uint64_t count;
	uint64_t figure_sum[2], figure_max[2];
	struct place at;
	struct place *stack; /* innermost first, from the user's frame on; may be NULL */
	uint32_t stack_count;
	const struct example *example; /* or NULL */
	const char *call_text;	       /* the example in words, or NULL */
	const char *answer;	       /* "ENODEV", or "" where the call goes through */
	const struct nommu_record_free *free_lists;
	const char *where; /* scan: the file; recordings: NULL */
	enum seen seen;	   /* scan, where there are recordings too */
	uint64_t seen_count;
	uint32_t runs;	   /* recordings that it is in */
	uint32_t last_run; /* private to merging */
	char fingerprint[17];
	const char *suppression; /* the line that accepts it */
};

/* For the verdict and for --fail-on: neither accepted nor known from before. */
static inline bool finding_counts(const struct finding *finding)
{
	return !finding->accepted && finding->baseline != BASELINE_FIXED &&
	       finding->baseline != BASELINE_UNCHANGED;
}

struct usage {
	uint64_t kind[NOMMU_KINDS];	/* pages, waste included */
	uint64_t waste_of[NOMMU_KINDS]; /* of these, waste by rounding */
	uint64_t waste, total;
};

struct region {
	uint64_t id;
	uint32_t start, pages, kept, left, site;
	uint16_t kind, refused;
	uint32_t flags;
	uint32_t image;
};

/* One step of the replay: a region taken or refused (pages 0), or a range of it given back. */
struct step {
	uint32_t region, start, pages;
};

struct point {
	uint64_t time;
	uint64_t taken; /* pages taken until then, given back or not */
	struct usage usage;
};

/* The memory of one recording. */
struct memory {
	struct usage now, peak;
	uint64_t peak_ns, end_ns;
	uint64_t taken;	    /* pages, all in all */
	uint32_t peak_step; /* steps done when the peak was reached */
	unsigned max_order;
	bool refusal_too_large; /* the refusal below is beyond the largest block */
	uint32_t refusal_step;	/* steps done at the first refusal, NONE: none */
	uint64_t refusal_ns;
	uint32_t refusal_region; /* the region refused, or NONE */
	/* the free lists then; head.type 0: not recorded */
	struct nommu_record_free refusal_free;
	uint64_t kind_peak[NOMMU_KINDS];
	uint64_t largest_pages;
	uint32_t largest_site;
	uint16_t largest_kind;
	uint64_t asked[NOMMU_RECORDING_ORDERS],
		refused[NOMMU_RECORDING_ORDERS]; /* requests by order */
	uint64_t reserved_bytes, touched_bytes;	 /* of mappings whose use was measured */
	uint64_t deepest_main, deepest_thread;	 /* bytes that any stack was used */
	uint64_t heap_calls, heap_bytes;
	struct point *points;
	uint32_t points_count, points_room;
	unsigned shift; /* a point stands for 2^shift ns */
	struct region *regions;
	uint32_t regions_count, regions_room;
	struct step *steps;
	uint32_t steps_count, steps_room;
	uint32_t *waiting; /* refused regions of images that have not ended */
	uint32_t waiting_count, waiting_room;
	struct table by_id;
	uint64_t unmatched; /* releases of nothing that is known */
};

struct run {
	const char *path;
	struct nommu_recording_header header;
	struct memory memory;
	uint32_t first_image, images;
	uint64_t events, damaged, unfinished, lost_records;
	uint64_t peak_bytes; /* also of runs read back from JSON */
	bool from_json;
	const char *command;
};

struct scanned {
	const char *path, *verdict;
	const char *reason; /* one sentence behind the verdict, or NULL */
	uint32_t findings;
};

struct suppression {
	const char *text; /* the line */
	const char *rule, *module, *function;
	uint64_t matched;
};

struct report {
	struct pool pool;
	struct symbols *symbols;
	const char *debug_path;
	report_progress *progress;
	void *progress_cookie;
	struct module *modules;
	uint32_t modules_count, modules_room;
	struct image *images;
	uint32_t images_count, images_room;
	struct lost_process *lost;
	uint32_t lost_count, lost_room;
	struct frames *frames; /* names that were looked up already */
	uint32_t frames_count, frames_room;
	struct site *sites;
	uint32_t sites_count, sites_room;
	struct tally *tallies;
	uint32_t tallies_count, tallies_room;
	struct run *runs;
	uint32_t runs_count, runs_room;
	struct scanned *files;
	uint32_t files_count, files_room;
	struct finding *imported; /* from JSON and from scans */
	uint32_t imported_count, imported_room;
	struct finding *findings; /* the result, worst first */
	uint32_t findings_count, findings_room;
	struct suppression *suppressions;
	uint32_t suppressions_count, suppressions_room;
	struct table image_of_pid, site_of_address, site_of_place, tally_of, frames_of, named;
	uint64_t imported_processes, imported_lost, imported_events;
	struct report *old; /* compared with; not owned */
	bool finished, compared;
};

/* read -> tallies */
int model_read(struct report *report, const char *path, char *error); /* 1: no recording */
void memory_region(struct memory *memory, const struct nommu_record_region *record, uint32_t site,
		   uint32_t image);
void memory_release(struct memory *memory, const struct nommu_record_release *record);
void memory_lists(struct memory *memory, const struct nommu_record_free *lists, uint32_t site);
void memory_exit(struct memory *memory, uint32_t image);
void memory_done(struct memory *memory, bool keep_steps);
void memory_free(struct memory *memory);

/* JSON -> findings; 1: neither a report nor a scan */
int import_json(struct report *report, const char *path, char *error);

/* tallies -> findings */
void report_finish(struct report *report);
void site_resolve(struct report *report, struct site *site);
void fingerprint_findings(struct report *report);
/* "ls -l", cut to a line or two; "nommu audit: ls -l". */
const char *run_command(struct pool *pool, const struct run *run);
void confirm_findings(struct report *report);
const char *run_title(struct pool *pool, const struct run *run);
/* Whether a rule is one of the profiles that the report is about, or was met all the same. */
bool report_has_rule(const struct report *report, enum rule_id rule);
const struct run *report_heaviest(const struct report *report); /* or NULL */
void suppress_apply(struct report *report);
void suppress_write(const struct report *report, FILE *out);

/* calls in words */
const char *call_name(unsigned call);
const char *call_describe(struct pool *pool, const struct example *example);
const char *errno_name(int64_t error); /* "ENODEV"; "" for 0 */
const char *kind_name(unsigned kind);

#endif
