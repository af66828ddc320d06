"""`python -m voucher_stand_in --port 8002`: runs until it is stopped."""

from __future__ import annotations

import argparse

from voucher_stand_in.server import make_server


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="A stand-in for an issuer of meal and eco vouchers.")
    parser.add_argument("--port", type=int, default=8002)
    parser.add_argument("--key", default="vk_stand_in")
    asked = parser.parse_args()
    server = make_server(asked.port, key=asked.key)
    print(f"issuer of vouchers (stand-in) on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
