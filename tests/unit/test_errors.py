import inspect
import re

from contact_import import errors


def test_the_tree_in_the_docstring_is_that_of_the_classes() -> None:
    documented = re.findall(r"^([│ ├└─]*)(\w+Error)\b", str(errors.__doc__), flags=re.MULTILINE)

    classes = [one for one in vars(errors).values() if inspect.isclass(one)]

    depth_of_base = len(errors.ContactImportError.mro())
    assert [(name, len(branch) // 4) for branch, name in documented] == [
        (one.__name__, len(one.mro()) - depth_of_base) for one in classes
    ]
