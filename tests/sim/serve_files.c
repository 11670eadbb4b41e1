/* Files around a running sandbox: the secrets it hands out, and the plugin it takes in. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "district.h"
#include "serve_int.h"

extern char **environ;

static int write_secret(const char *folder, const char *name, const char *secret, sr_err *err)
{
	SR_AUTO_FREE char *path = sr_asprintf("%s/%s", folder, name);
	size_t len = strlen(secret);

	if (!path)
		return sr_fail_nomem(err);
	unlink(path); /* never write into what others may have opened */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return sr_fail(err, SR_E_IO, "%s: %s", path, strerror(errno));
	ssize_t n = write(fd, secret, len);
	if (close(fd) || n != (ssize_t)len)
		return sr_fail(err, SR_E_IO, "%s: %s", path, strerror(errno));
	return 0;
}

int sim_credentials_write(const char *folder, uint64_t seed, sim_ps *ps, sr_err *err)
{
	SR_AUTO_FREE char *id = NULL, *id_secret = NULL;
	char key[33], secret[41], made_id[37], made_secret[37];

	/* PowerSchool's are asked for: they may have been regenerated, in an earlier process too. */
	sim_district_keys(seed, key, secret, made_id, made_secret);
	if (sim_ps_plugin_credentials(ps, "", &id, &id_secret, err))
		return -1;
	if (mkdir(folder, 0700) && errno != EEXIST)
		return sr_fail(err, SR_E_IO, "%s: %s", folder, strerror(errno));
	return write_secret(folder, "schoology-key", key, err) ||
			       write_secret(folder, "schoology-secret", secret, err) ||
			       write_secret(folder, "powerschool-id", id, err) ||
			       write_secret(folder, "powerschool-secret", id_secret, err)
		       ? -1
		       : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int unzip(const char *zip, const char *folder, sr_err *err)
{
	char name[] = "unzip", quiet[] = "-q", to[] = "-d";
	SR_AUTO_FREE char *from = sr_strdup(zip);
	SR_AUTO_FREE char *target = sr_strdup(folder);
	char *argv[] = { name, quiet, from, to, target, NULL };
	pid_t pid;
	int status, rc;

	if (!from || !target)
		return sr_fail_nomem(err);
	rc = posix_spawnp(&pid, "unzip", NULL, NULL, argv, environ);
	if (rc != 0)
		return sr_fail(err, SR_E_IO, "unzip: %s", strerror(rc));
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return sr_fail(err, SR_E_PARSE, "%s cannot be unzipped", zip);
	return 0;
}

static int unzip_temporary(sim_folder *f, const char *zip, sr_err *err)
{
	const char *base = getenv("TMPDIR");
	char *folder = sr_asprintf("%s/sisroll-sim-XXXXXX", base ? base : "/tmp");

	if (!folder)
		return sr_fail_nomem(err);
	if (!mkdtemp(folder)) {
		sr_fail(err, SR_E_IO, "%s: %s", folder, strerror(errno));
		free(folder);
		return -1;
	}
	f->temporary = folder;
	return unzip(zip, folder, err);
}

/* The only folder within `path` that holds the file; NULL: there is none, or several. */
static char *deeper(const char *path, const char *holds)
{
	SR_AUTO_FREE char *pattern = sr_asprintf("%s/*/%s", path, holds);
	glob_t found = { 0 };
	char *folder = NULL;

	if (pattern && glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1)
		folder = sr_strndup(found.gl_pathv[0], strlen(found.gl_pathv[0]) - strlen(holds) - 1);
	globfree(&found);
	return folder;
}

int sim_folder_open(sim_folder *f, const char *path, const char *holds, sr_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return sr_fail(err, SR_E_IO, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode) && unzip_temporary(f, path, err))
		return -1;
	const char *top = f->temporary ? f->temporary : path;
	SR_AUTO_FREE char *file = sr_asprintf("%s/%s", top, holds);
	if (file && access(file, F_OK) != 0)
		f->path = deeper(top, holds);
	if (!f->path)
		f->path = sr_strdup(top);
	return f->path ? 0 : sr_fail_nomem(err);
}

void sim_folder_close(sim_folder *f)
{
	if (f->temporary)
		nftw(f->temporary, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(f->temporary);
	free(f->path);
	*f = (sim_folder){ 0 };
}

int sim_plugin_install(sim_ps *ps, const char *path, bool beside, sr_err *err)
{
	sim_folder folder = { 0 };
	int rc = sim_folder_open(&folder, path, "plugin.xml", err);

	if (rc == 0)
		rc = beside ? sim_ps_plugin_add(ps, folder.path, err) : sim_ps_install(ps, folder.path, err);
	sim_folder_close(&folder);
	return rc;
}
