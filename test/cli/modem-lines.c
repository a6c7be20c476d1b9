// SPDX-License-Identifier: Apache-2.0
/*
 * For LD_PRELOAD: gives the terminals below MODEM_LINES_PORTS the modem lines that a pseudo-terminal has not, and writes
 * down what is done to them, a line each: nanoseconds, process, descriptor, path, what, and its number. It decides nothing:
 * what the lines do is worked out in modem-lines.ts. MODEM_LINES_KILL: the process dies behind so many lines.
 * MODEM_LINES_REFUSE: the lines cannot be set.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define DESCRIPTORS 1024
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static char *ports[DESCRIPTORS];
static int bits[DESCRIPTORS];

static void note(int fd, const char *what, unsigned long number) {
	static int out = -1, count;
	char line[512];
	struct timespec now;
	int saved = errno;
	if (out < 0)
		out = REAL(open)(getenv("MODEM_LINES_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	clock_gettime(CLOCK_MONOTONIC, &now);
	int length = snprintf(line, sizeof line, "%lld %d %d %s %s %lu\n", now.tv_sec * 1000000000LL + now.tv_nsec,
		(int)getpid(), fd, ports[fd], what, number);
	if (REAL(write)(out, line, length) != length) abort();
	const char *last = getenv("MODEM_LINES_KILL");
	if (last != NULL && ++count == atoi(last)) raise(SIGKILL);
	errno = saved;
}

static int port(int fd) { return fd >= 0 && fd < DESCRIPTORS && ports[fd] != NULL; }

static int opened(int fd, const char *path, int flags) {
	const char *prefix = getenv("MODEM_LINES_PORTS");
	if (fd < 0 || fd >= DESCRIPTORS || prefix == NULL || strncmp(path, prefix, strlen(prefix)) != 0 || !isatty(fd))
		return fd;
	struct termios now;
	/* As a USB serial port is before anybody has set it (usb_serial_init). The raw terminal of socat has no rate. */
	if (tcgetattr(fd, &now) == 0 && cfgetospeed(&now) == B0) {
		now.c_cflag = CS8 | CREAD | HUPCL | CLOCAL;
		cfsetspeed(&now, B9600);
		REAL(tcsetattr)(fd, TCSANOW, &now);
	}
	ports[fd] = strdup(path);
	/* The kernel raises both (tty_port_block_til_ready). */
	bits[fd] = TIOCM_DTR | TIOCM_RTS;
	note(fd, "open", flags);
	return fd;
}

#define OPEN(name)                                                   \
	int name(const char *path, int flags, ...) {                      \
		va_list more;                                                  \
		va_start(more, flags);                                         \
		mode_t mode = va_arg(more, mode_t);                            \
		va_end(more);                                                  \
		return opened(REAL(name)(path, flags, mode), path, flags);     \
	}
OPEN(open)
OPEN(open64)

static void closing(int fd) {
	struct termios now;
	int hangs_up = tcgetattr(fd, &now) == 0 && (now.c_cflag & HUPCL);
	note(fd, "close", hangs_up ? 1 : 0);
	free(ports[fd]);
	ports[fd] = NULL;
}

int close(int fd) {
	if (port(fd)) closing(fd);
	return REAL(close)(fd);
}

/* The kernel closes what a process leaves open. */
__attribute__((destructor)) static void ended(void) {
	for (int fd = 0; fd < DESCRIPTORS; fd++)
		if (port(fd)) closing(fd);
}

int ioctl(int fd, unsigned long request, ...) {
	va_list more;
	va_start(more, request);
	void *argument = va_arg(more, void *);
	va_end(more);
	if (!port(fd)) return REAL(ioctl)(fd, request, argument);
	int *word = argument;
	switch (request) {
	case TIOCMGET:
		/* Nothing is plugged into the other three lines of most boards. */
		*word = bits[fd];
		note(fd, "TIOCMGET", *word);
		return 0;
	case TIOCMSET:
		if (getenv("MODEM_LINES_REFUSE") != NULL) {
			errno = EIO;
			return -1;
		}
		bits[fd] = *word;
		note(fd, "TIOCMSET", *word);
		return 0;
	case TIOCMBIS:
		bits[fd] |= *word;
		note(fd, "TIOCMBIS", *word);
		return 0;
	case TIOCMBIC:
		bits[fd] &= ~*word;
		note(fd, "TIOCMBIC", *word);
		return 0;
	default:
		note(fd, "ioctl", request);
		return REAL(ioctl)(fd, request, argument);
	}
}

int tcsetattr(int fd, int when, const struct termios *to) {
	if (port(fd)) note(fd, "baud", cfgetospeed(to));
	return REAL(tcsetattr)(fd, when, to);
}

ssize_t write(int fd, const void *bytes, size_t count) {
	if (port(fd)) note(fd, "write", count);
	return REAL(write)(fd, bytes, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
	if (port(fd)) note(fd, "write", count);
	return REAL(writev)(fd, parts, count);
}
