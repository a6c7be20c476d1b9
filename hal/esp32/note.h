/* Left in RTC memory for the next start: as noteOf in restart-cause.ts says. */
void lintelNote(unsigned cause);
