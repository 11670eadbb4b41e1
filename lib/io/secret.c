/* The checks are made on the open file, not on its name, so that nothing can be swapped in between. */
#include "io/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

/* systemd may grant the service's user by an ACL, whose mask then shows as group-readable. */
static bool mode_ok(mode_t mode, bool from_systemd)
{
	mode &= 07777;
	return (mode & 0177) == 0 || (from_systemd && mode == 0440);
}

static int check_file(int fd, const char *path, bool from_systemd, sr_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return sr_fail(err, SR_E_IO, "secret file %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return sr_fail(err, SR_E_INVALID, "secret file %s is not a regular file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return sr_fail(err, SR_E_FORBIDDEN, "secret file %s belongs to another user (uid %u)", path, st.st_uid);
	if (!mode_ok(st.st_mode, from_systemd))
		return sr_fail(err, SR_E_FORBIDDEN, "secret file %s has mode %04o: others may read it; chmod 0600 it",
			path, st.st_mode & 07777);
	if (st.st_size > SR_SECRET_MAX_BYTES)
		return sr_fail(err, SR_E_LIMIT, "secret file %s is larger than %d bytes", path, SR_SECRET_MAX_BYTES);
	return 0;
}

/* Length without the line's end; 0 if what remains is empty or not one printable line. */
static size_t usable_length(const char *bytes, size_t len)
{
	while (len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
		len--;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f)
			return 0;
	return len;
}

static int take_bytes(int fd, const char *path, sr_secret *out, sr_err *err)
{
	char bytes[SR_SECRET_MAX_BYTES + 1];
	size_t len = 0;
	ssize_t n;
	int rc = -1;

	while (len < sizeof(bytes) && (n = read(fd, bytes + len, sizeof(bytes) - len)) != 0) {
		if (n < 0 && errno != EINTR) {
			sr_fail(err, SR_E_IO, "secret file %s: %s", path, strerror(errno));
			goto out;
		}
		len += n > 0 ? (size_t)n : 0;
	}
	if (len > SR_SECRET_MAX_BYTES) {
		sr_fail(err, SR_E_LIMIT, "secret file %s is larger than %d bytes", path, SR_SECRET_MAX_BYTES);
		goto out;
	}
	len = usable_length(bytes, len);
	if (len == 0) {
		sr_fail(err, SR_E_INVALID, "secret file %s is empty or not one line of text", path);
		goto out;
	}
	char *text = sr_strndup(bytes, len);
	if (!text) {
		sr_fail_nomem(err);
		goto out;
	}
	*out = (sr_secret){ text, len };
	rc = 0;
out:
	explicit_bzero(bytes, sizeof(bytes));
	return rc;
}

int sr_secret_read(const char *path, const char *credentials_dir, const char *name, sr_secret *out, sr_err *err)
{
	SR_AUTO_FREE char *in_dir = NULL;
	bool from_systemd = !path || !*path;
	int fd, rc;

	if (from_systemd) {
		if (!credentials_dir || !*credentials_dir)
			return sr_fail(err, SR_E_NOTFOUND,
				"no place to read the secret %s from: no path is configured and there is no "
				"credentials directory",
				name);
		path = in_dir = sr_asprintf("%s/%s", credentials_dir, name);
		if (!in_dir)
			return sr_fail_nomem(err);
	}
	/* O_NONBLOCK: a FIFO in the file's place must not stop the start. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return sr_fail(err, errno == ENOENT ? SR_E_NOTFOUND : SR_E_IO, "secret %s: cannot read %s: %s", name,
			path, strerror(errno));
	rc = check_file(fd, path, from_systemd, err);
	if (rc == 0)
		rc = take_bytes(fd, path, out, err);
	close(fd);
	return rc;
}

void sr_secret_done(sr_secret *secret)
{
	if (secret->text)
		explicit_bzero(secret->text, secret->len);
	free(secret->text);
	*secret = (sr_secret){ 0 };
}
