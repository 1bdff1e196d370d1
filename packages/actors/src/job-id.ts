/** The Heddle job that this program runs as: the launcher puts its id into the environment. Read nowhere else. */
export const presentJobId = (): string | undefined => process.env.HEDDLE_JOB_ID;
