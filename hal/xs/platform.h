// SPDX-License-Identifier: Apache-2.0
/*
 * What XS asks of a platform, for the host on x86-64 Linux and for rv32 on picolibc.
 */
#ifndef LINTEL_XS_PLATFORM
#define LINTEL_XS_PLATFORM

#undef mxLittleEndian
#define mxLittleEndian 1
#if defined(__linux__)
	#undef mxLinux
	#define mxLinux 1
#endif

#ifndef _GNU_SOURCE
	#define _GNU_SOURCE
#endif
#include <ctype.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef PATH_MAX
	#define PATH_MAX 512
#endif

#if defined(__linux__)
	#include <arpa/inet.h>
	#include <pthread.h>
	#include <unistd.h>
#else
	/* picolibc under semihosting. */
	extern char* realpath(const char* path, char* real);
#endif

#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#define mxMachinePlatform \
	int promiseJobs; \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink;

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1
#define mxUseDefaultMachinePlatform 0

#if INTPTR_MAX == INT64_MAX
	#define mx32bitID 1
#endif

#endif
