#include "os/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- files ---- */

#define READ                                                          \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | \
	 LANDLOCK_ACCESS_FS_EXECUTE)
#define WRITE                                                            \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |  \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK)
/* Moving a file to another folder; of the second version. */
#define MOVE (UINT64_C(1) << 13)

static const char *const readable[] = {
	"/etc",
	"/usr",
	"/lib",
	"/lib64",
	"/proc/self",
	"/sys/devices/system",
	"/run/systemd/resolve",
	"/dev/urandom",
	"/var/lib/unbound",
};

static void allow(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return; /* not there: nothing to allow */
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
	            &rule, 0) < 0) {
		/* A file takes no rights of folders. */
		rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE |
		                       LANDLOCK_ACCESS_FS_WRITE_FILE;
		(void)syscall(SYS_landlock_add_rule, ruleset,
		              LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	}
	(void)close(rule.parent_fd);
}

static int confine_files(const char *data_dir, const char *const *files)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs =
		                                      READ | WRITE };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1u << 0);
	int ruleset, rc;

	if (version < 1)
		return -1;
	if (version >= 2)
		attr.handled_access_fs |= MOVE;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr),
	                       0);
	if (ruleset < 0)
		return -1;
	allow(ruleset, data_dir, attr.handled_access_fs);
	allow(ruleset, "/dev/null", READ | WRITE);
	for (; *files; files++)
		allow(ruleset, *files, READ);
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		allow(ruleset, readable[i], READ);
	rc = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	(void)close(ruleset);
	return rc;
}

/* ---- system calls ---- */

#if defined(__x86_64__)
#	define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#	define ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef ARCH

#	define STMT(code, k)             \
		{                         \
			(code), 0, 0, (k) \
		}
#	define JUMP(code, k, jt, jf)           \
		{                               \
			(code), (jt), (jf), (k) \
		}
#	define DENY(nr)                                     \
		JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), \
			STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

static int confine_calls(void)
{
	struct sock_filter filter[] = {
		STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, arch)),
		JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
		STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, nr)),
		DENY(SYS_execve),
		DENY(SYS_execveat),
		DENY(SYS_ptrace),
		DENY(SYS_process_vm_readv),
		DENY(SYS_process_vm_writev),
		DENY(SYS_mount),
		DENY(SYS_umount2),
		DENY(SYS_pivot_root),
		DENY(SYS_chroot),
		DENY(SYS_unshare),
		DENY(SYS_setns),
		DENY(SYS_init_module),
		DENY(SYS_finit_module),
		DENY(SYS_delete_module),
		DENY(SYS_kexec_load),
		DENY(SYS_reboot),
		DENY(SYS_swapon),
		DENY(SYS_swapoff),
		DENY(SYS_bpf),
		DENY(SYS_perf_event_open),
		DENY(SYS_userfaultfd),
		DENY(SYS_keyctl),
		DENY(SYS_add_key),
		DENY(SYS_request_key),
		DENY(SYS_acct),
		DENY(SYS_settimeofday),
		DENY(SYS_clock_settime),
		DENY(SYS_sethostname),
		DENY(SYS_setdomainname),
		DENY(SYS_open_by_handle_at),
		STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = sizeof(filter) / sizeof(filter[0]),
		                   .filter = filter };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

#else

static int confine_calls(void)
{
	return -1;
}

#endif

unsigned sandbox_enter(const char *data_dir, const char *const *files,
                       struct err *err)
{
	unsigned done = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		err_drop(err_sys(err, errno, "no_new_privs"));
		return 0;
	}
	if (confine_files(data_dir, files) == 0)
		done |= SANDBOX_FILES;
	else
		err_drop(err_sys(err, errno, "landlock"));
	if (confine_calls() == 0)
		done |= SANDBOX_CALLS;
	else
		err_drop(err_sys(err, errno, "seccomp"));
	return done;
}
