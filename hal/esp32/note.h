// SPDX-License-Identifier: Apache-2.0
/* Leaves a cause in RTC memory for the next start, numbered as by noteOf in restart-cause.ts. */
void lintelNote(unsigned cause);
