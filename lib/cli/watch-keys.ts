/** What keys do while a run is under way. */
export interface WatchDeeds {
  /** Shows a line below the view; null: the keys there are. */
  readonly tell: (line: string | null) => void;
  readonly stop: () => void;
  readonly quit: () => void;
}

const QUESTION = 'stop this run? y stops it, any other key does not';

/**
 * Keys while a run is under way: `s` asks and `y` stops it, `q` leaves it alone, `r` is for later.
 *
 * @returns what to call with each key.
 * @example
 * const press = watchKeys({ tell, stop, quit });
 * press('s');
 * press('y'); // calls stop
 */
export function watchKeys({ tell, stop, quit }: WatchDeeds): (key: string) => void {
  let asking = false;
  return (key) => {
    const asked = asking;
    asking = key === 's' && !asked;
    if (asking) tell(QUESTION);
    else if (asked && key === 'y') stop();
    else if (key === 'q') quit();
    else if (key === 'r') tell('the run is under way: there is nothing to resume');
    else tell(asked ? 'not stopped' : null);
  };
}
