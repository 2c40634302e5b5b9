"""Steps of a test, told in TAP."""


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


class Tap:
    def __init__(self, count):
        print(f"1..{count}", flush=True)
        self.number, self.failed = 0, False

    def tell(self, name, step):
        """True if it went well."""
        self.number += 1
        try:
            step()
            print(f"ok {self.number} - {name}", flush=True)
        except Skipped as why:
            print(f"ok {self.number} - {name} # SKIP {why}", flush=True)
        except Failed as failure:
            self.failed = True
            print(f"not ok {self.number} - {name}", flush=True)
            print("\n".join("# " + line for line in str(failure).splitlines()), flush=True)
            return False
        return True
